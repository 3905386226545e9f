import Core
import Crypto
import Foundation
import SQL

extension Store {
    /// The API keys; only their hashes are kept.
    package struct Keys: Sendable {
        let access: Access

        /// One key, without the key.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let user: ID
            package let name: String
            package let createdAt: Moment
            package let lastUsedAt: Moment?
            package let revokedAt: Moment?
        }

        /// Who is asking, when a key was shown.
        package struct Holder: Sendable, Hashable {
            package let key: ID
            package let workspace: ID
            package let user: ID
            package let role: Role

            package init(key: ID, workspace: ID, user: ID, role: Role) {
                self.key = key
                self.workspace = workspace
                self.user = user
                self.role = role
            }
        }

        /// What a user is given once.
        package struct Created: Sendable {
            package let id: ID
            package let plain: String
        }

        /// How far `lastUsedAt` may lag behind, so that not every request writes.
        private static let touch: Duration = .seconds(60)

        /// A new key of 256 random bits for `user`; it cannot be shown again.
        package func create(
            _ workspace: ID, user: ID, name: String, at now: Moment = .now
        ) async throws -> Created {
            var random = SystemRandomNumberGenerator()
            let bytes = (0..<32).map { _ in random.next() as UInt8 }
            let plain =
                "atom_"
                + Data(bytes).base64EncodedString().filter { $0 != "=" }
                .replacing("+", with: "-").replacing("/", with: "_")
            let entry = Entry(
                id: ID(), user: user, name: name, createdAt: now, lastUsedAt: nil, revokedAt: nil)
            guard try await insert(workspace, entry, plain) else {
                throw Failure(.conflict, "There is one like it already.")
            }
            return Created(id: entry.id, plain: plain)
        }

        /// Makes a key that somebody chose (the first administrator's) known; false when it was known
        /// already.
        package func adopt(_ workspace: ID, user: ID, name: String, plain: String) async throws -> Bool {
            let entry = Entry(
                id: ID(), user: user, name: name, createdAt: .now, lastUsedAt: nil, revokedAt: nil)
            return try await insert(workspace, entry, plain)
        }

        private func insert(_ workspace: ID, _ entry: Entry, _ plain: String) async throws -> Bool {
            try await access.execute(
                """
                insert into api_keys (workspace_id, id, user_id, name, hash, created_at)
                values ($1, $2, $3, $4, $5, $6) on conflict (hash) do nothing
                """,
                [
                    Value(workspace), Value(entry.id), Value(entry.user), .text(entry.name),
                    .text(Self.hash(plain)), Value(entry.createdAt),
                ]) == 1
        }

        /// Whose key this is, across all workspaces; nil when it is unknown or revoked.
        ///
        /// The look-up is by hash, so the time it takes tells nothing about how much of a key was right.
        package func find(_ plain: String, at now: Moment = .now) async throws -> Holder? {
            let found = try await access.query(
                """
                select k.id, k.workspace_id, k.user_id, k.last_used_at, u.role from api_keys k
                join users u on u.workspace_id = k.workspace_id and u.id = k.user_id
                where k.hash = $1 and k.revoked_at is null
                """, [.text(Self.hash(plain))]
            ) { row in
                let holder = try Holder(
                    key: row.get("id"), workspace: row.get("workspace_id"), user: row.get("user_id"),
                    role: row.word("role"))
                return (holder, try row.get("last_used_at", as: Moment?.self))
            }
            guard let (holder, lastUsed) = found.first else { return nil }
            if lastUsed.map({ now - $0 >= Self.touch }) ?? true { try await touch(holder, now) }
            return holder
        }

        private func touch(_ holder: Holder, _ now: Moment) async throws {
            try await access.execute(
                "update api_keys set last_used_at = $3 where workspace_id = $1 and id = $2",
                [Value(holder.workspace), Value(holder.key), Value(now)])
        }

        /// Ends a key for good; throws `missing` when there is none or it is revoked already.
        package func revoke(_ workspace: ID, _ id: ID, at now: Moment = .now) async throws {
            let count = try await access.execute(
                """
                update api_keys set revoked_at = $3
                where workspace_id = $1 and id = $2 and revoked_at is null
                """, [Value(workspace), Value(id), Value(now)])
            guard count == 1 else { throw Failure(.missing, "There is no such key.") }
        }

        package func list(_ workspace: ID) async throws -> [Entry] {
            try await access.query(
                """
                select id, user_id, name, created_at, last_used_at, revoked_at from api_keys
                where workspace_id = $1 order by id desc limit \(Page.most)
                """, [Value(workspace)]
            ) { row in
                try Entry(
                    id: row.get("id"), user: row.get("user_id"), name: row.get("name"),
                    createdAt: row.get("created_at"), lastUsedAt: row.get("last_used_at"),
                    revokedAt: row.get("revoked_at"))
            }
        }

        private static func hash(_ plain: String) -> String {
            SHA256.hash(data: Array(plain.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
