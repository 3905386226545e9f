import Calendar
import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// Changes of events: all of a series, one instance, or one and those behind it.
    enum CalendarEdits {
        private static let path = "\(CalendarEvents.path)/{id}"

        static let routes = [
            reaching(Route(.put, path, "Change the fields sent; null empties one.", change)).guarded()
                .taking("CalendarEventChange")
                .answering(
                    200, "The event that holds the change: a new one where the series was cut.",
                    "CalendarEventChanged"),
            reaching(Route(.delete, path, "Delete an event, or instances of it.", delete)).guarded()
                .answering(204, "Deleted."),
            Route(.post, "\(path)/reply", "Say whether one comes.", reply).taking("ReplyRequest")
                .answering(200, "The event as it is now.", "CalendarEvent"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "ReplyRequest",
                Schema.object(
                    [
                        "reply": ["type": "string", "enum": .array(Attendees.replies.map(JSON.string))],
                        "email": [
                            "type": "string", "maxLength": 254,
                            "description": "Who says so; the caller unless told.",
                        ],
                        "recurrence_id": [
                            "type": "string", "format": "date-time",
                            "description": "The instance that is meant; all unless told.",
                        ],
                    ], required: ["reply"]))
        ]

        private static func reaching(_ route: Route) -> Route {
            route.query("scope", "What is meant; all unless told.", Schema.choice(Reach.self))
                .query("recurrence_id", "The instance that is meant, by its original start.", Schema.time)
        }

        private static func part(_ call: Call, _ version: Int?) throws -> Store.Calendar.Part {
            Store.Calendar.Part(
                try call.id(of: "event"), try call.choice("scope") ?? .all,
                instance: try call.query("recurrence_id", "an RFC 3339 time with a zone") { Moment($0) },
                version: version)
        }

        static func change(_ call: Call) async throws -> Answer {
            let given = try CalendarEvents.resource.noun.read(try await call.json())
            let item = try await call.guarded { version in
                let part = try part(call, version)
                return try await judging { try await call.store.calendar.change(part, given) }
            }
            return try await CalendarEvents.changed(item, .ok, call.store)
        }

        static func delete(_ call: Call) async throws -> Answer {
            try await call.guarded { version in
                let part = try part(call, version)
                try await judging { try await call.store.calendar.delete(part) }
            }
            return .empty
        }

        private struct ReplyFields: Decodable {
            let reply: String
            let email: String?
            let recurrence_id: Moment?
        }

        static func reply(_ call: Call) async throws -> Answer {
            let id = try call.id(of: "event")
            let fields = try await call.json().decode(ReplyFields.self)
            guard Attendees.replies.contains(fields.reply) else {
                let words = Attendees.replies.joined(separator: ", ")
                throw Problem.senseless(Failure(.invalid, "reply is one of \(words).", at: "/reply"))
            }
            let email = try await address(fields.email, call)
            let reach = fields.recurrence_id == nil ? Reach.all : .this
            let part = Store.Calendar.Part(id, reach, instance: fields.recurrence_id)
            return CalendarEvents.resource.answer(
                try await judging { try await call.store.calendar.reply(part, fields.reply, by: email) })
        }

        /// The one given, else the caller's.
        private static func address(_ given: String?, _ call: Call) async throws -> String {
            if let given { return given }
            guard let user = call.principal?.user,
                let person = try await call.store.users.find(call.workspace, user)
            else { throw Failure(.invalid, "Say whose reply it is by email.", at: "/email") }
            return person.email
        }
    }
}
