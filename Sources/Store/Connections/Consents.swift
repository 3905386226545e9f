import Core
import SQL

extension Store {
    /// Consents that people are about to give to a provider; each is answered once, within minutes.
    package struct Consents: Sendable {
        let access: Access

        /// How long the answer may take.
        package static let life: Duration = .seconds(600)
        /// Those of a workspace that may be open at once.
        package static let most = 100

        package struct Entry: Sendable, Hashable {
            package let workspace: ID
            package let id: ID
            /// Of the state that the provider hands back.
            package let digest: String
            /// Of what the person's browser keeps meanwhile.
            package let binding: String
            package let user: ID
            package let session: ID?
            package let provider: String
            /// The connection that is connected anew; nil for a new one.
            package let connection: ID?
            package let name: String
            /// A JSON object: the fields that are no secret.
            package let settings: String
            /// Where the person goes afterwards; nil for a page of ours.
            package let redirect: String?
            package let key: ID
            package let sealed: String
            package let expiresAt: Moment

            package init(
                workspace: ID, id: ID, digest: String, binding: String, user: ID, session: ID?,
                provider: String, connection: ID?, name: String, settings: String, redirect: String?,
                key: ID, sealed: String, expiresAt: Moment = .now + Consents.life
            ) {
                self.workspace = workspace
                self.id = id
                self.digest = digest
                self.binding = binding
                self.user = user
                self.session = session
                self.provider = provider
                self.connection = connection
                self.name = name
                self.settings = settings
                self.redirect = redirect
                self.key = key
                self.sealed = sealed
                self.expiresAt = expiresAt
            }
        }
    }

    package var consents: Consents { Consents(access: access) }
}

extension Store.Consents {
    private static let columns = """
        workspace_id, id, digest, binding, user_id, session_id, provider, connection_id, name, settings,
        redirect, key_id, sealed, expires_at
        """

    /// Keeps one, and forgets those whose time is over. Throws `limited` where too many are open.
    package func add(_ entry: Entry, at now: Moment = .now) async throws {
        try await access.execute(
            "delete from consents where workspace_id = $1 and expires_at <= $2",
            [Value(entry.workspace), Value(now)])
        let open = try await access.query(
            "select count(*) as n from consents where workspace_id = $1 and used_at is null",
            [Value(entry.workspace)]
        ) { try $0.get("n", as: Int.self) }
        guard open[0] < Self.most else {
            throw Failure(
                .limited, "\(Self.most) consents are open in this workspace; answer some first.",
                retryAfter: Self.life)
        }
        let places = (1...14).map { "$\($0)" }.joined(separator: ", ")
        try await access.execute(
            "insert into consents (\(Self.columns)) values (\(places))",
            [
                Value(entry.workspace), Value(entry.id), .text(entry.digest), .text(entry.binding),
                Value(entry.user), Value(entry.session), .text(entry.provider), Value(entry.connection),
                .text(entry.name), .text(entry.settings), Value(entry.redirect), Value(entry.key),
                .text(entry.sealed), Value(entry.expiresAt),
            ])
    }

    /// The consent of a state, across workspaces; nil for one that is unknown, used or over.
    package func find(_ digest: String, at now: Moment = .now) async throws -> Entry? {
        try await access.query(
            """
            select \(Self.columns) from consents where digest = $1 and used_at is null and expires_at > $2
            """, [.text(digest), Value(now)], Entry.init(row:)
        ).first
    }

    /// Uses one up. False where somebody else was first.
    package func use(_ entry: Entry, at now: Moment = .now) async throws -> Bool {
        try await access.execute(
            "update consents set used_at = $3 where workspace_id = $1 and id = $2 and used_at is null",
            [Value(entry.workspace), Value(entry.id), Value(now)]) == 1
    }
}

extension Store.Consents.Entry {
    fileprivate init(row: Row) throws {
        self.init(
            workspace: try row.get("workspace_id"), id: try row.get("id"), digest: try row.get("digest"),
            binding: try row.get("binding"), user: try row.get("user_id"),
            session: try row.get("session_id"), provider: try row.get("provider"),
            connection: try row.get("connection_id"), name: try row.get("name"),
            settings: try row.get("settings"), redirect: try row.get("redirect"),
            key: try row.get("key_id"), sealed: try row.get("sealed"), expiresAt: try row.get("expires_at"))
    }
}
