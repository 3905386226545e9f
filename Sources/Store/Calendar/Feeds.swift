import Accounts
import Core
import SQL

extension Store {
    /// The addresses at which programs read the calendar of a workspace without a key; a secret is in each.
    package struct Feeds: Sendable {
        let access: Access

        /// How many a workspace may have.
        package static let most = 100

        /// One feed, without its secret.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let workspace: ID
            package let user: ID
            package let name: String
            package let createdAt: Moment

            fileprivate init(_ row: Row) throws {
                id = try row.get("id")
                workspace = try row.get("workspace_id")
                user = try row.get("user_id")
                name = try row.get("name")
                createdAt = try row.get("created_at")
            }
        }

        private static let columns = "id, workspace_id, user_id, name, created_at"

        /// A new feed, and its secret of 256 random bits, which cannot be shown again.
        package func create(
            _ workspace: ID, user: ID, name: String, at now: Moment = .now
        ) async throws -> (entry: Entry, secret: String) {
            guard try await list(workspace).count < Self.most else {
                throw Failure(.conflict, "A workspace has at most \(Self.most) feeds; delete one.")
            }
            let secret = Random.text()
            let entries = try await access.query(
                """
                insert into calendar_feeds (workspace_id, id, user_id, name, hash, created_at)
                values ($1, $2, $3, $4, $5, $6) returning \(Self.columns)
                """,
                [
                    Value(workspace), Value(ID()), Value(user), .text(name), .text(Random.digest(secret)),
                    Value(now),
                ], Entry.init)
            return (entries[0], secret)
        }

        /// Newest first.
        package func list(_ workspace: ID) async throws -> [Entry] {
            try await access.query(
                "select \(Self.columns) from calendar_feeds where workspace_id = $1 order by id desc",
                [Value(workspace)], Entry.init)
        }

        /// The feed with that secret. Across workspaces.
        package func find(secret: String) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from calendar_feeds where hash = $1", [.text(Random.digest(secret))],
                Entry.init
            ).first
        }

        /// Ends a feed. Throws `missing`.
        package func delete(_ workspace: ID, _ id: ID) async throws {
            let count = try await access.execute(
                "delete from calendar_feeds where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)])
            guard count == 1 else { throw Failure(.missing, "There is no such feed.") }
        }
    }

    package var feeds: Feeds { Feeds(access: access) }
}
