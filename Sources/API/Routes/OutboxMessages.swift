import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/outbox/messages`: what integrations without credentials delivered here instead of outside.
    enum OutboxMessages {
        static let routes = [
            Route(.get, "/api/outbox/messages", "List the sandbox's messages, newest first.", list)
                .query("channel", "Only messages of this channel, such as email.").paged()
                .answering(200, "A page.", "OutboxMessagePage"),
            Route(.get, "/api/outbox/messages/{id}", "Show a message, headers and all.", show)
                .answering(200, "The message.", "OutboxMessage"),
        ]

        private static let short: [JSON.Member] = [
            .init("id", Schema.id), .init("channel", Schema.string), .init("recipient", Schema.string),
            .init("subject", Schema.optional(Schema.string)), .init("created_at", Schema.time),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "OutboxMessageSummary",
                Schema.object(.object(short), required: ["id", "channel", "recipient"])),
            .init("OutboxMessagePage", Schema.page("messages", of: "OutboxMessageSummary")),
            .init(
                "OutboxMessage",
                Schema.object(
                    .object(short + [.init("body", Schema.string), .init("raw", Schema.string)]),
                    required: ["id", "channel", "recipient", "body", "raw"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let messages = try await call.store.sandbox.list(
                call.workspace, channel: call.query("channel"), call.rows)
            return try call.page("messages", messages, id: \.id) { .object($0.members) }
        }

        static func show(_ call: Call) async throws -> Answer {
            guard let message = try await call.store.sandbox.find(call.workspace, call.id(of: "message"))
            else {
                throw Failure(.missing, "There is no such message.")
            }
            return Answer(message.json)
        }
    }
}
