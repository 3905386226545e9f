import Calendar
import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Store

extension Routes {
    /// The calendar as iCalendar files, in and out.
    enum CalendarFiles {
        static let type = "text/calendar"
        /// Refused events that are described; the count tells how many there are.
        private static let mostRefused = 100

        static let routes = [
            Route(
                .post, "/api/calendar/import",
                "Import an iCalendar file of at most 5 MB; events whose uid is known are changed.", take
            )
            .query("zone", "Where times are that name no zone; UTC unless told.", Schema.text(1...64))
            .taking(Route.Body(type: type, schema: Schema.string))
            .answering(200, "What became of the events.", "CalendarImport"),
            Route(.get, "/api/calendar/export.ics", "Export events as an iCalendar file.", give)
                .query("from", "Only events that may take place after this time.", Schema.time)
                .query("to", "Only events that may take place before this time.", Schema.time)
                .answering(Route.Reply(status: 200, about: "The file.", schema: Schema.string, type: type))
                .answering(304, "The file still has this ETag."),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "CalendarImport",
                Schema.object(
                    [
                        "created": Schema.count, "updated": Schema.count, "unchanged": Schema.count,
                        "refused": Schema.count,
                        "errors": Schema.list(
                            Schema.object(
                                [
                                    "line": Schema.count, "uid": Schema.optional(Schema.string),
                                    "reason": Schema.string,
                                ], required: ["line", "uid", "reason"]), most: mostRefused),
                    ], required: ["created", "updated", "unchanged", "refused", "errors"]))
        ]

        static func take(_ call: Call) async throws -> Answer {
            try call.require(type)
            let zone = try call.query("zone", "an IANA name such as Europe/Berlin") { try? Zone($0) } ?? .utc
            let file = try await file(call)
            let intake = try await judging { try await call.store.calendar.take(file, zone: zone) }
            let errors = intake.refused.prefix(mostRefused).map { refusal -> JSON in
                [
                    "line": JSON(refusal.line), "uid": JSON(refusal.uid), "reason": .string(refusal.reason),
                ]
            }
            return Answer([
                "created": JSON(intake.created), "updated": JSON(intake.updated),
                "unchanged": JSON(intake.unchanged), "refused": JSON(intake.refused.count),
                "errors": .array(errors),
            ])
        }

        private static func file(_ call: Call) async throws -> [UInt8] {
            let limit = ICalendar.mostBytes
            try call.refuseLonger(than: limit, "The file")
            var bytes: [UInt8] = []
            var chunks = call.request.body.makeAsyncIterator()
            while let chunk = try await chunks.arrival() {
                guard bytes.count + chunk.readableBytes <= limit else {
                    throw Problem.tooLarge("The file", limit: limit)
                }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            return bytes
        }

        static func give(_ call: Call) async throws -> Answer {
            let from = try call.query("from", "an RFC 3339 time with a zone") { Moment($0) }
            let to = try call.query("to", "an RFC 3339 time with a zone") { Moment($0) }
            let era = CalendarEvents.era
            let range = try CalendarEvents.range(
                from ?? era.lowerBound, to ?? era.upperBound, most: 84_010)
            return try await answer(call.store, from == nil && to == nil ? nil : range, name: "Atom")
        }

        static func answer(_ store: Store, _ range: Range<Moment>? = nil, name: String) async throws -> Answer
        {
            let bytes = try await store.calendar.file(range, name: name)
            return Answer(bytes: bytes, type: "\(type); charset=utf-8")
                .with(.contentDisposition, "attachment; filename=\"calendar.ics\"")
                .with(.eTag, "\"\(Fingerprint.of(String(decoding: bytes, as: UTF8.self)))\"")
        }
    }

    /// `/api/calendar/feeds`: addresses at which other programs read the calendar.
    enum CalendarFeeds {
        private static let path = "/api/calendar/feeds"

        static let routes = [
            Route(.get, path, "List the feeds, newest first.", list).answering(200, "The feeds.", "Feeds"),
            Route(.post, path, "Make a feed; its address is shown this once.", create).taking("FeedRequest")
                .answering(201, "The feed.", "FeedShown"),
            Route(
                .get, "\(path)/{token}", "Read the calendar: the token and .ics, or the token alone.", read
            ).open().answering(
                Route.Reply(
                    status: 200, about: "The file.", schema: Schema.string, type: CalendarFiles.type)
            ),
            Route(.delete, "\(path)/{token}", "End a feed, by its id.", delete).answering(204, "Ended."),
        ]

        private static let members: [JSON.Member] = [
            .init("id", Schema.id), .init("name", Schema.string), .init("user_id", Schema.id),
            .init("created_at", Schema.time),
        ]

        static let schemas: [JSON.Member] = [
            .init("Feed", Schema.object(.object(members), required: members.map(\.name))),
            .init(
                "FeedShown",
                Schema.object(
                    .object(members + [.init("url", Schema.string)]),
                    required: members.map(\.name) + ["url"])),
            .init("Feeds", Schema.object(["feeds": Schema.list(Schema.named("Feed"))], required: ["feeds"])),
            .init("FeedRequest", Schema.request(["name": Schema.text(1...100)])),
        ]

        private struct Fields: Decodable {
            let name: String?
        }

        static func list(_ call: Call) async throws -> Answer {
            let feeds = try await call.store.feeds.list(call.workspace)
            return Answer(["feeds": .array(feeds.map { .object($0.members) })])
        }

        static func create(_ call: Call) async throws -> Answer {
            let name = try await call.json().decode(Fields.self).name ?? "Atom"
            try judging { try Rule.text(name, 1...100, at: "/name") }
            guard let user = call.principal?.user else {
                throw Failure(.unauthorized, "A feed belongs to somebody.")
            }
            let (entry, secret) = try await call.store.feeds.create(call.workspace, user: user, name: name)
            let url = JSON.Member("url", .string("\(path)/\(secret).ics"))
            return Answer(.created, .object(entry.members + [url]))
        }

        /// The address is the key: whoever has it reads the calendar of its workspace.
        static func read(_ call: Call) async throws -> Answer {
            let token = call.parameters.get("token") ?? ""
            let secret = token.hasSuffix(".ics") ? String(token.dropLast(4)) : token
            guard let feed = try await call.office.store.feeds.find(secret: secret),
                let user = try await call.office.store.users.find(feed.workspace, feed.user), user.isMember
            else { throw Failure(.missing, "There is no such feed.") }
            let store = call.office.store.scoped(
                Scope(workspace: feed.workspace, user: feed.user, actor: "feed:\(feed.id)"))
            return try await CalendarFiles.answer(store, name: feed.name)
        }

        static func delete(_ call: Call) async throws -> Answer {
            guard let id = call.parameters.get("token").flatMap({ ID($0) }) else {
                throw Failure(.missing, "There is no such feed.")
            }
            try await call.store.feeds.delete(call.workspace, id)
            return .empty
        }
    }
}

extension Store.Feeds.Entry {
    fileprivate var members: [JSON.Member] {
        [
            .init("id", JSON(id)), .init("name", .string(name)), .init("user_id", JSON(user)),
            .init("created_at", JSON(createdAt)),
        ]
    }
}
