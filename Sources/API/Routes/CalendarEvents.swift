import Calendar
import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/calendar`: what takes place, when people are free, and the calendar as a file.
    enum CalendarEvents {
        static let path = "/api/calendar/events"
        static let resource = Resource(.calendarEvents, at: path)

        static let routes =
            [
                within(Route(.get, path, "List the instances of events in a time, in order.", list))
                    .query(
                        "q", "Only events with these words; the last may be a beginning.",
                        Schema.text(1...200)
                    )
                    .query("attendee", "Only those this e-mail address is invited to.", Schema.text(1...254))
                    .query(
                        "status", "Only those with this status.", resource.noun.field("status")?.schema ?? [:]
                    )
                    .answering(200, "The instances.", "Instances"),
                Route(.post, path, "Create an event.", create).taking("CalendarEventRequest").idempotent()
                    .answering(201, "Created; with what is at the same time.", "CalendarEventChanged"),
                resource.shown,
                within(
                    Route(
                        .get, "\(path)/{id}/instances", "List the instances of one event in a time.", expand)
                ).answering(200, "The instances.", "Instances"),
            ] + CalendarEdits.routes + [resource.told] + CalendarAvailability.routes + CalendarFiles.routes
            + CalendarFeeds.routes

        static let schemas =
            resource.schemas.filter { $0.name != "CalendarEventPage" }.map(ending) + shown
            + CalendarEdits.schemas + CalendarAvailability.schemas + CalendarFiles.schemas
            + CalendarFeeds.schemas

        static func list(_ call: Call) async throws -> Answer {
            var query = Store.Calendar.Query(try window(call))
            query.search = try call.query("q", "a text of at most 200 characters") {
                $0.unicodeScalars.count <= 200 ? $0 : nil
            }
            query.attendee = call.query("attendee")
            let words = ["confirmed", "tentative", "cancelled"]
            query.status = try call.query("status", "one of \(words.joined(separator: ", "))") {
                words.contains($0) ? $0 : nil
            }
            return answer(try await call.store.calendar.occurrences(query))
        }

        static func expand(_ call: Call) async throws -> Answer {
            let event = try await call.store.rows(.calendarEvents).require(call.id(of: "event"))
            return answer(try call.store.calendar.occurrences(of: event, in: window(call)))
        }

        private static func answer(_ occurrences: [Occurrence]) -> Answer {
            Answer(["instances": .array(occurrences.map(\.json))])
        }

        static func create(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            let given = try resource.noun.read(json)
            return try await call.once(try Repeatable(call, json.canonical.text)) { store in
                let item = try await judging { try await store.rows(.calendarEvents).create(given) }
                return try await changed(item, .created, store).with(.location, "\(path)/\(item.id)")
            }
        }

        /// An event that was written, with what is at the same time.
        static func changed(
            _ item: Item, _ status: HTTPResponse.Status = .ok, _ store: Store
        ) async throws -> Answer {
            let conflicts = try await store.calendar.conflicts(of: item).map { other -> JSON in
                [
                    "event_id": JSON(other.event.id), "recurrence_id": JSON(other.instance.id),
                    "title": other["title"], "starts_at": JSON(other.instance.start),
                    "ends_at": JSON(other.instance.end),
                ]
            }
            let members = (resource.noun.json(item).members ?? []) + [.init("conflicts", .array(conflicts))]
            return Answer(status, .object(members)).with(.eTag, "\"\(item.version)\"")
        }
    }
}

// Which time is asked for.
extension Routes.CalendarEvents {
    /// The longest time of one question.
    private static let mostDays: Int64 = 3_660
    /// The time shown where none is said, from now on.
    private static let usualDays: Int64 = 31

    static func within(_ route: Route) -> Route {
        route.query("from", "What takes place after this time; now unless told.", Schema.time)
            .query("to", "What takes place before this time; 31 days later unless told.", Schema.time)
            .query(
                "month", "Instead: this month, such as 2026-03.",
                pattern("^(19[7-9]|2[01][0-9])[0-9]-(0[1-9]|1[0-2])$")
            )
            .query("year", "Instead: this year, such as 2026.", pattern("^(19[7-9]|2[01][0-9])[0-9]$"))
            .query("zone", "Where the month or year is; UTC unless told.", Schema.text(1...64))
    }

    private static func pattern(_ text: String) -> JSON { ["type": "string", "pattern": .string(text)] }

    static func window(_ call: Call) throws -> Range<Moment> {
        let period = try period(call)
        let from = try call.query("from", "an RFC 3339 time with a zone") { Moment($0) }
        let to = try call.query("to", "an RFC 3339 time with a zone") { Moment($0) }
        if let period {
            guard from == nil, to == nil else {
                throw Problem.senseless(Failure(.invalid, "Say from and to, or a month, or a year."))
            }
            return period
        }
        let begin = from ?? to.map { $0 + .seconds(-usualDays * 86_400) } ?? .now
        let end = to ?? begin + .seconds(usualDays * 86_400)
        return try range(begin, end, most: mostDays)
    }

    /// What lies between two times, both from 1970 to 2200.
    static func range(_ from: Moment, _ to: Moment, most days: Int64) throws -> Range<Moment> {
        guard from < to, to - from <= .seconds(days * 86_400) else {
            throw Problem.senseless(Failure(.invalid, "to lies after from, at most \(days) days."))
        }
        guard era.contains(from), era.contains(to) else {
            throw Problem.senseless(Failure(.invalid, "The calendar knows the years from 1970 to 2199."))
        }
        return from..<to
    }

    /// The years that rules are followed in.
    static let era = Moment(microseconds: 0)...Moment(milliseconds: 7_258_118_400_000)

    private static func period(_ call: Call) throws -> Range<Moment>? {
        let zone = try call.query("zone", "an IANA name such as Europe/Berlin") { try? Zone($0) } ?? .utc
        let month = try call.query("month", "a month such as 2026-03") { text in
            text.contains("-") ? zone.period(text) : nil
        }
        let year = try call.query("year", "a year such as 2026") { text in
            text.contains("-") ? nil : zone.period(text)
        }
        guard month == nil || year == nil else {
            throw Problem.senseless(Failure(.invalid, "Say a month or a year."))
        }
        return month ?? year
    }
}

// What is shown.
extension Routes.CalendarEvents {
    fileprivate static let fields = [
        "title", "description", "location", "status", "busy", "color", "attendees", "all_day", "time_zone",
        "task_id", "organizer_id",
    ]

    private static let times: [JSON.Member] = [
        .init("event_id", Schema.id),
        .init(
            "recurrence_id", ["type": "string", "format": "date-time", "description": "Its original start."]),
        .init("starts_at", Schema.time), .init("ends_at", Schema.time),
    ]

    private static var shown: [JSON.Member] {
        let given = fields.compactMap { name in
            resource.noun.field(name).map { JSON.Member(name, $0.schema) }
        }
        let flags: [JSON.Member] = [.init("is_recurring", Schema.bool), .init("is_changed", Schema.bool)]
        let all = times + given + flags
        let instance = Schema.object(.object(all), required: all.map(\.name))
        let conflict = times + [.init("title", Schema.string)]
        return [
            .init("Instance", instance),
            .init(
                "Instances",
                Schema.object(
                    [
                        "instances": Schema.list(
                            Schema.named("Instance"), most: Store.Calendar.mostInstances)
                    ], required: ["instances"])),
            .init("Conflict", Schema.object(.object(conflict), required: conflict.map(\.name))),
            .init("CalendarEventChanged", withConflicts),
        ]
    }

    /// The schema with an example of an end that lies after that of the start.
    private static func ending(_ schema: JSON.Member) -> JSON.Member {
        func change(_ json: JSON, _ name: String, _ work: (JSON) -> JSON) -> JSON {
            .object((json.members ?? []).map { $0.name == name ? .init(name, work($0.value)) : $0 })
        }
        let examples = JSON.Member("examples", ["2030-06-01T13:00:00.000Z"])
        return .init(
            schema.name,
            change(schema.value, "properties") { properties in
                change(properties, "ends_at") { .object(($0.members ?? []) + [examples]) }
            })
    }

    private static var withConflicts: JSON {
        let row = resource.schemas.map(ending).first { $0.name == "CalendarEvent" }?.value
        let members = row?["properties"]?.members ?? []
        let list = Schema.list(Schema.named("Conflict"), most: Store.Calendar.mostConflicts)
        let all = members + [.init("conflicts", list)]
        return Schema.object(.object(all), required: all.map(\.name))
    }
}

extension Occurrence {
    /// The instance as the API shows it.
    fileprivate var json: JSON {
        let isRecurring = event["rrule"] != .null || event["rdates"].array?.isEmpty == false
        return .object(
            [
                .init("event_id", JSON(event.id)), .init("recurrence_id", JSON(instance.id)),
                .init("starts_at", JSON(instance.start)), .init("ends_at", JSON(instance.end)),
            ] + Routes.CalendarEvents.fields.map { .init($0, self[$0]) } + [
                .init("is_recurring", .bool(isRecurring)),
                .init("is_changed", .bool(instance.override != nil)),
            ])
    }
}
