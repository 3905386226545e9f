import Calendar
import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/calendar/availability`: when several people are free.
    enum CalendarAvailability {
        private static let mostPeople = 50
        private static let mostSlots = 1_000
        private static let mostDays: Int64 = 92

        static let routes = [
            Route(
                .get, "/api/calendar/availability", "Find times at which all of several people are free.",
                find
            )
            .query(
                "people", "E-mail addresses or ids of users, with commas between.", Schema.text(1...6_000)
            )
            .query("from", "Not before this time; now unless told.", Schema.time)
            .query("to", "Not after this time; 7 days later unless told.", Schema.time)
            .query("duration_minutes", "How long; 30 unless told.", Schema.whole(1...10_080))
            .query(
                "step_minutes",
                "Slots start on multiples of this since midnight; it divides a day. "
                    + "15 unless told.", Schema.whole(1...1_440)
            )
            .query(
                "buffer_minutes", "How long before and after a slot nobody is busy; 0 unless told.",
                Schema.whole(0...1_440)
            )
            .query(
                "zone", "Of the steps, and of people whose own is not known; UTC unless told.",
                Schema.text(1...64)
            )
            .query("working_hours", "09:00-17:00 unless told, on each person's clock.", Schema.text(1...20))
            .query("days", "mon-fri unless told, or such as mon,wed,sat-sun.", Schema.text(1...60))
            .query("limit", "The most slots, 100 unless told.", Schema.whole(1...mostSlots))
            .answering(200, "The slots, in order; they may overlap one another.", "Slots")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Slots",
                Schema.object(
                    [
                        "slots": Schema.list(
                            Schema.object(
                                ["starts_at": Schema.time, "ends_at": Schema.time],
                                required: ["starts_at", "ends_at"]), most: mostSlots)
                    ], required: ["slots"]))
        ]

        static func find(_ call: Call) async throws -> Answer {
            let wish = try wish(call)
            let limit = try whole(call, "limit", 1...mostSlots) ?? 100
            let hours = try judging {
                try WorkingHours(
                    hours: call.query("working_hours") ?? "09:00-17:00",
                    days: call.query("days") ?? "mon-fri")
            }
            let names = try names(call)
            let people = try await judging { try await call.store.calendar.people(names) }
            let reach =
                (wish.range.lowerBound + (.zero - wish.buffer))..<(wish.range.upperBound + wish.buffer)
            let busy = try await call.store.calendar.busy(people, in: reach)
            let known = zip(people, busy).map { person, busy in
                Availability.Person(busy: busy, zone: person.zone ?? wish.zone, hours: hours)
            }
            let slots = Availability(of: known, wish).slots(most: limit)
            return Answer([
                "slots": .array(
                    slots.map { ["starts_at": JSON($0.lowerBound), "ends_at": JSON($0.upperBound)] })
            ])
        }

        private static func names(_ call: Call) throws -> [String] {
            let names = (call.query("people") ?? "").split(separator: ",").map(String.init)
            guard (1...mostPeople).contains(names.count) else {
                throw Problem.senseless(
                    Failure(
                        .invalid,
                        "The query parameter people names 1 to \(mostPeople) people, with commas between."))
            }
            return names
        }

        private static func whole(_ call: Call, _ name: String, _ range: ClosedRange<Int>) throws -> Int? {
            try call.query(name, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
                Int(text).flatMap { range.contains($0) ? $0 : nil }
            }
        }

        private static func wish(_ call: Call) throws -> Availability.Wish {
            func minutes(_ name: String, _ range: ClosedRange<Int>, _ usual: Int) throws -> Duration {
                .seconds(60 * (try whole(call, name, range) ?? usual))
            }
            let from = try call.query("from", "an RFC 3339 time with a zone") { Moment($0) } ?? .now
            let to = try call.query("to", "an RFC 3339 time with a zone") { Moment($0) }
            let end = to ?? from + .seconds(7 * 86_400)
            let range = try CalendarEvents.range(from, end, most: mostDays)
            let step = try minutes("step_minutes", 1...1_440, 15)
            guard 86_400 % Int(step.seconds) == 0 else {
                throw Problem.senseless(
                    Failure(.invalid, "step_minutes divides the 1440 minutes of a day, such as 15 or 30."))
            }
            return Availability.Wish(
                range, duration: try minutes("duration_minutes", 1...10_080, 30), step: step,
                buffer: try minutes("buffer_minutes", 0...1_440, 0),
                zone: try call.query("zone", "an IANA name such as Europe/Berlin") { try? Zone($0) } ?? .utc)
        }
    }
}
