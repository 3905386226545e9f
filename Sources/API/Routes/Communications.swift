import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/communications`: the conversations that messages belong to, and how much is written.
    enum Communications {
        static let routes = [
            Route(
                .get, "/api/communications/threads", "List conversations, the latest message first.", threads
            ).query("channel", "Only conversations on this channel.", Schema.choice(Channel.self))
                .query("contact_id", "Only conversations with this contact.", Schema.id)
                .query("unread", "Only those with something unread, or without.", Schema.bool).paged()
                .answering(200, "A page.", "ThreadPage"),
            Route(.get, "/api/communications/stats", "Show how much is written, to and fro.", stats)
                .answering(200, "The numbers.", "CommunicationStats"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Thread",
                Schema.object(
                    [
                        "id": Schema.id, "channel": Schema.choice(Channel.self), "last_at": Schema.time,
                        "messages": Schema.count, "unread": Schema.count,
                        "latest_message": Schema.optional(Schema.named("Message")),
                    ], required: ["id", "channel", "last_at", "messages", "unread", "latest_message"])),
            .init("ThreadPage", Schema.page("threads", of: "Thread")),
            .init("CommunicationStats", numbers),
        ]

        private static let numbers = Schema.object(
            [
                "total": Schema.count, "unread": Schema.count,
                "counts": Schema.list(
                    Schema.object(
                        [
                            "channel": Schema.choice(Channel.self),
                            "direction": ["type": "string", "enum": ["in", "out"]],
                            "status": Schema.choice(MessageStatus.self), "count": Schema.count,
                        ], required: ["channel", "direction", "status", "count"])),
                "days": Schema.list(
                    Schema.object(
                        ["date": Schema.date, "received": Schema.count, "sent": Schema.count],
                        required: ["date", "received", "sent"])),
                "average_answer_seconds": Schema.optional(Schema.amount),
            ], required: ["total", "unread", "counts", "days", "average_answer_seconds"])

        private static func threads(_ call: Call) async throws -> Answer {
            var filter = Store.Threads.Filter()
            filter.channel = try call.choice("channel")
            filter.contact = try call.query("contact_id", "the id of a contact") { ID($0) }
            filter.isUnread = try call.query("unread", "true or false") {
                ["true": true, "false": false][$0]
            }
            filter.after = try call.query("cursor", "a next_cursor of the same list") {
                Store.Threads.Cursor($0)
            }
            filter.limit = try call.limit
            let entries = try await call.store.threads.list(filter)
            let next = entries.count == filter.limit ? entries.last : nil
            return call.page(
                "threads", entries.map(show), next: next.map { Store.Threads.Cursor($0).text })
        }

        private static func show(_ thread: Store.Threads.Entry) -> JSON {
            [
                "id": JSON(thread.id), "channel": .string(thread.channel), "last_at": JSON(thread.lastAt),
                "messages": JSON(thread.messages), "unread": JSON(thread.unread),
                "latest_message": thread.latest.map(Noun.message.json) ?? .null,
            ]
        }

        private static func stats(_ call: Call) async throws -> Answer {
            let stats = try await call.store.messages.stats()
            return Answer([
                "total": JSON(stats.counts.reduce(0) { $0 + $1.count }), "unread": JSON(stats.unread),
                "counts": .array(
                    stats.counts.map {
                        [
                            "channel": .string($0.channel), "direction": .string($0.direction),
                            "status": .string($0.status), "count": JSON($0.count),
                        ]
                    }),
                "days": .array(
                    stats.days.map {
                        [
                            "date": .string(String($0.start.text.prefix(10))), "received": JSON($0.received),
                            "sent": JSON($0.sent),
                        ]
                    }), "average_answer_seconds": JSON(stats.averageAnswer?.seconds),
            ])
        }
    }
}
