import Core
import SQL

extension Store {
    /// Who lost a right lately, across workspaces: for whoever holds connections open.
    package struct Revocations: Sendable {
        let access: Access

        /// One right that was lost or changed.
        package struct Entry: Sendable, Hashable {
            /// What `id` names.
            package enum Kind: String, Sendable {
                /// The session is over.
                case session
                /// The key is revoked.
                case key
                /// The user was removed from the workspace, or has another role now.
                case user
            }

            package let kind: Kind
            package let id: ID
            package let workspace: ID
            package let at: Moment
        }

        /// What was lost at `moment` or later, oldest first.
        ///
        /// The time is that of the process that took the right, read before its transaction was committed:
        /// ask again for a few seconds that were asked for before.
        package func since(_ moment: Moment, limit: Int = 1_000) async throws -> [Entry] {
            try await access.query(
                """
                select 'session' as kind, id, workspace_id, revoked_at as at from sessions
                where revoked_at is not null and revoked_at >= $1
                union all select 'key', id, workspace_id, revoked_at from api_keys
                where revoked_at is not null and revoked_at >= $1
                union all select 'user', id, workspace_id, changed_at from users
                where changed_at is not null and changed_at >= $1
                order by at, id limit $2
                """, [Value(moment), Value(min(max(limit, 1), 10_000))]
            ) { row in
                try Entry(
                    kind: row.word("kind"), id: row.get("id"), workspace: row.get("workspace_id"),
                    at: row.get("at"))
            }
        }
    }
}
