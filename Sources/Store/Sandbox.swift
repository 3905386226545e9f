import Core
import SQL

extension Store {
    /// The local outbox: messages that an integration without credentials rendered and delivered here.
    package struct Sandbox: Sendable {
        let access: Access

        /// One message, as it would have left.
        package struct Message: Sendable, Hashable {
            package let id: ID
            package let workspace: ID
            /// Such as `email` or `slack`.
            package let channel: String
            package let recipient: String
            package let subject: String?
            package let body: String
            /// The whole of it, headers and all.
            package let raw: String
            package let createdAt: Moment

            package init(
                id: ID = ID(), workspace: ID, channel: String, recipient: String, subject: String? = nil,
                body: String, raw: String, createdAt: Moment = .now
            ) {
                self.id = id
                self.workspace = workspace
                self.channel = channel
                self.recipient = recipient
                self.subject = subject
                self.body = body
                self.raw = raw
                self.createdAt = createdAt
            }

            init(_ row: Row) throws {
                try self.init(
                    id: row.get("id"), workspace: row.get("workspace_id"), channel: row.get("channel"),
                    recipient: row.get("recipient"), subject: row.get("subject"), body: row.get("body"),
                    raw: row.get("raw"), createdAt: row.get("created_at"))
            }
        }

        private static let columns = "id, workspace_id, channel, recipient, subject, body, raw, created_at"

        package func add(_ message: Message) async throws {
            try await access.execute(
                "insert into sandbox_messages (\(Self.columns)) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    Value(message.id), Value(message.workspace), .text(message.channel),
                    .text(message.recipient), Value(message.subject), .text(message.body),
                    .text(message.raw), Value(message.createdAt),
                ])
        }

        package func find(_ workspace: ID, _ id: ID) async throws -> Message? {
            try await access.query(
                "select \(Self.columns) from sandbox_messages where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)], Message.init
            ).first
        }

        /// Newest first.
        package func list(
            _ workspace: ID, channel: String? = nil, _ page: Page = Page()
        ) async throws -> [Message] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            clause.add("channel =", channel.map { Value($0) })
            clause.add("id <", page.after.map { Value($0) })
            return try await access.query(
                """
                select \(Self.columns) from sandbox_messages where workspace_id = $1\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, Message.init)
        }

        /// Lets go of messages older than `moment`, and returns how many there were. Across workspaces.
        package func prune(before moment: Moment) async throws -> Int {
            try await access.execute("delete from sandbox_messages where created_at < $1", [Value(moment)])
        }
    }
}
