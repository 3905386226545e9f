import Accounts
import Core
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
            package var scopes = Scopes.all
            package var expiresAt: Moment?
        }

        /// Who is asking, when a key was shown.
        package struct Holder: Sendable, Hashable {
            package let key: ID
            package let workspace: ID
            package let user: ID
            package let role: Role
            /// Nil for a user who cannot log in.
            package let account: ID?
            package let scopes: Scopes
            package let expiresAt: Moment?

            package init(
                key: ID, workspace: ID, user: ID, role: Role, account: ID? = nil, scopes: Scopes = .all,
                expiresAt: Moment? = nil
            ) {
                self.key = key
                self.workspace = workspace
                self.user = user
                self.role = role
                self.account = account
                self.scopes = scopes
                self.expiresAt = expiresAt
            }
        }

        /// What a new key is to be.
        package struct Wish: Sendable {
            package let name: String
            package let scopes: Scopes
            package let expiresAt: Moment?

            package init(name: String, scopes: Scopes = .all, expiresAt: Moment? = nil) {
                self.name = name
                self.scopes = scopes
                self.expiresAt = expiresAt
            }
        }

        /// What a user is given once.
        package struct Created: Sendable {
            package let entry: Entry
            package let plain: String

            package var id: ID { entry.id }
        }

        private static let columns = "id, user_id, name, created_at, last_used_at, scopes, expires_at"

        /// How far `lastUsedAt` may lag behind, so that not every request writes.
        private static let touch: Duration = .seconds(60)

        /// A new key of 256 random bits for `user`, good for everything; it cannot be shown again.
        package func create(
            _ workspace: ID, user: ID, name: String, at now: Moment = .now
        ) async throws -> Created {
            try await create(workspace, user: user, Wish(name: name), at: now)
        }

        /// A new key of 256 random bits for `user`; it cannot be shown again.
        package func create(
            _ workspace: ID, user: ID, _ wish: Wish, at now: Moment = .now
        ) async throws -> Created {
            let plain = Random.text("atom_")
            let entry = Entry(user, wish, now)
            try await access.transaction { access in
                let keys = Keys(access: access)
                guard try await keys.insert(workspace, entry, plain) else {
                    throw Failure(.conflict, "There is one like it already.")
                }
                try await keys.note(.created, workspace, entry, now)
            }
            return Created(entry: entry, plain: plain)
        }

        /// Makes a key that somebody chose (the first administrator's) known; false when it was known
        /// already.
        package func adopt(_ workspace: ID, user: ID, name: String, plain: String) async throws -> Bool {
            try await insert(workspace, Entry(user, Wish(name: name), .now), plain)
        }

        private func insert(_ workspace: ID, _ entry: Entry, _ plain: String) async throws -> Bool {
            try await access.execute(
                """
                insert into api_keys (workspace_id, id, user_id, name, hash, created_at, scopes, expires_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (hash) do nothing
                """,
                [
                    Value(workspace), Value(entry.id), Value(entry.user), .text(entry.name),
                    .text(Random.digest(plain)), Value(entry.createdAt), .text(entry.scopes.column),
                    Value(entry.expiresAt),
                ]) == 1
        }

        /// Whose key this is, across all workspaces; nil when it is unknown, revoked or over, or its user is
        /// no member any more.
        ///
        /// The look-up is by hash, so the time it takes tells nothing about how much of a key was right.
        package func find(_ plain: String, at now: Moment = .now) async throws -> Holder? {
            let found = try await access.query(
                """
                select k.id, k.workspace_id, k.user_id, k.last_used_at, k.scopes, k.expires_at, u.role,
                u.account_id from api_keys k
                join users u on u.workspace_id = k.workspace_id and u.id = k.user_id
                where k.hash = $1 and k.revoked_at is null and u.removed_at is null
                and (k.expires_at is null or k.expires_at > $2)
                """, [.text(Random.digest(plain)), Value(now)]
            ) { row in (try Holder(row: row), try row.get("last_used_at", as: Moment?.self)) }
            guard let (holder, lastUsed) = found.first else { return nil }
            if lastUsed.map({ now - $0 >= Self.touch }) ?? true { try await touch(holder, now) }
            return holder
        }

        private func touch(_ holder: Holder, _ now: Moment) async throws {
            try await access.execute(
                "update api_keys set last_used_at = $3 where workspace_id = $1 and id = $2",
                [Value(holder.workspace), Value(holder.key), Value(now)])
        }

        /// Ends a key for good; throws `missing` when there is none, it is revoked already, or it is not of
        /// `user`, where one is named.
        package func revoke(
            _ workspace: ID, _ id: ID, of user: ID? = nil, at now: Moment = .now
        ) async throws {
            try await access.transaction { access in
                let found = try await access.query(
                    """
                    update api_keys set revoked_at = $3 where workspace_id = $1 and id = $2
                    and revoked_at is null and user_id = coalesce($4, user_id) returning \(Self.columns)
                    """, [Value(workspace), Value(id), Value(now), Value(user)], Entry.init(row:))
                guard let entry = found.first else { throw Failure(.missing, "There is no such key.") }
                try await Keys(access: access).note(.deleted, workspace, entry, now)
            }
        }

        /// The keys of a workspace, newest first, or those of one user that are not revoked.
        package func list(_ workspace: ID, of user: ID? = nil) async throws -> [Entry] {
            try await access.query(
                """
                select \(Self.columns) from api_keys where workspace_id = $1
                and ($2 = '' or (user_id = $2 and revoked_at is null))
                order by id desc limit \(Page.most)
                """, [Value(workspace), .text(user?.text ?? "")], Entry.init(row:))
        }
    }
}

extension Store.Keys {
    /// Tells the journal what became of a key; the others of the workspace do not hear of it.
    private func note(
        _ action: Store.Journal.Action, _ workspace: ID, _ entry: Entry, _ now: Moment
    ) async throws {
        let facts: [String: JSON] = [
            "name": .string(entry.name), "scopes": .array(entry.scopes.words.map { .string($0) }),
            "expires_at": JSON(entry.expiresAt),
        ]
        let isNew = action == .created
        try await access.write([
            Store.Journal.Entry(
                workspace: workspace, noun: "key", event: "key:\(action.rawValue)", row: entry.id,
                action: action, version: isNew ? 1 : 2, actor: access.scope?.actor ?? "system",
                request: access.scope?.request, audience: entry.user,
                changes: Store.Journal.Changes(from: isNew ? [:] : facts, to: isNew ? facts : [:]), at: now)
        ])
    }
}

extension Store.Keys.Entry {
    init(_ user: ID, _ wish: Store.Keys.Wish, _ now: Moment) {
        self.init(
            id: ID(), user: user, name: wish.name, createdAt: now, lastUsedAt: nil,
            scopes: wish.scopes, expiresAt: wish.expiresAt)
    }

    init(row: Row) throws {
        self.init(
            id: try row.get("id"), user: try row.get("user_id"), name: try row.get("name"),
            createdAt: try row.get("created_at"), lastUsedAt: try row.get("last_used_at"),
            scopes: Scopes(column: try row.get("scopes")), expiresAt: try row.get("expires_at"))
    }
}

extension Store.Keys.Holder {
    init(row: Row) throws {
        self.init(
            key: try row.get("id"), workspace: try row.get("workspace_id"), user: try row.get("user_id"),
            role: try row.word("role"), account: try row.get("account_id"),
            scopes: Scopes(column: try row.get("scopes")), expiresAt: try row.get("expires_at"))
    }
}
