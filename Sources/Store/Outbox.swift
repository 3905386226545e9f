import Core
import SQL

extension Store {
    /// The jobs that were promised in the transaction of a business row and are pushed to the queue after it.
    package struct Outbox: Sendable {
        let access: Access

        /// One job to push.
        package struct Entry: Sendable, Hashable {
            /// The job's id.
            package let id: ID
            package let workspace: ID
            package let queue: String
            /// The job as the queue takes it.
            package let envelope: [UInt8]
            package let createdAt: Moment
            /// How often a push was tried.
            package let attempts: Int

            package init(
                id: ID, workspace: ID, queue: String, envelope: [UInt8], createdAt: Moment = .now,
                attempts: Int = 0
            ) {
                self.id = id
                self.workspace = workspace
                self.queue = queue
                self.envelope = envelope
                self.createdAt = createdAt
                self.attempts = attempts
            }

            init(_ row: Row) throws {
                try self.init(
                    id: row.get("id"), workspace: row.get("workspace_id"), queue: row.get("queue"),
                    envelope: row.get("envelope"), createdAt: row.get("created_at"),
                    attempts: row.get("attempts"))
            }
        }

        package func add(_ entry: Entry) async throws {
            try await access.execute(
                """
                insert into outbox (id, workspace_id, queue, envelope, created_at)
                values ($1, $2, $3, $4, $5)
                """,
                [
                    Value(entry.id), Value(entry.workspace), .text(entry.queue), .blob(entry.envelope),
                    Value(entry.createdAt),
                ])
        }

        /// The job while it lies here, pushed or not.
        package func find(_ workspace: ID, _ id: ID) async throws -> Entry? {
            try await access.query(
                """
                select id, workspace_id, queue, envelope, created_at, attempts from outbox
                where workspace_id = $1 and id = $2
                """, [Value(workspace), Value(id)], Entry.init
            ).first
        }

        /// The queue has them. Across workspaces.
        package func markPushed(_ ids: [ID], at now: Moment = .now) async throws {
            for list in IDList.cut(ids, after: 1) {
                try await access.execute(
                    "update outbox set pushed_at = $1, attempts = attempts + 1 where id in \(list.sql)",
                    [Value(now)] + list.values)
            }
        }

        /// The queue refused them; they stay for the next sweep. Across workspaces.
        package func markFailed(_ ids: [ID]) async throws {
            for list in IDList.cut(ids, after: 0) {
                try await access.execute(
                    "update outbox set attempts = attempts + 1 where id in \(list.sql)", list.values)
            }
        }

        /// What was written before `moment` and not pushed, oldest first. Across workspaces.
        ///
        /// Two sweeps may find the same entry: pushing a job of a known id twice must be harmless.
        package func unpushed(before moment: Moment, limit: Int) async throws -> [Entry] {
            try await access.query(
                """
                select id, workspace_id, queue, envelope, created_at, attempts from outbox
                where pushed_at is null and created_at < $1 order by created_at, id limit $2
                """, [Value(moment), Value(min(max(limit, 1), 1_000))], Entry.init)
        }

        /// Lets go of what was pushed before `moment`, and returns how many there were. Across workspaces.
        package func prune(before moment: Moment) async throws -> Int {
            try await access.execute(
                "delete from outbox where pushed_at is not null and pushed_at < $1", [Value(moment)])
        }
    }
}
