import Core
import SQL

/// The tables, one door each: the only room that knows them.
///
/// Each method takes the workspace and never reads or writes a row of another one; what works across
/// workspaces (the sweeps, and the look-up of a key) says so. Every error is a `Failure`.
package struct Store: Sendable {
    let access: Access

    /// The doors over a database, or over one transaction of it.
    package init(_ session: any Session) { access = Access(session: session) }

    init(_ access: Access) { self.access = access }

    /// The same doors for one workspace: on PostgreSQL every statement is kept to its rows by the database.
    package func scoped(_ scope: Scope) -> Store {
        Store(Access(session: access.session.scoped(to: scope.workspace.text), scope: scope))
    }

    package var workspaces: Workspaces { Workspaces(access: access) }
    package var users: Users { Users(access: access) }
    package var keys: Keys { Keys(access: access) }
    package var accounts: Accounts { Accounts(access: access) }
    package var sessions: Sessions { Sessions(access: access) }
    package var refreshTokens: RefreshTokens { RefreshTokens(access: access) }
    package var loginTries: LoginTries { LoginTries(access: access) }
    package var invitations: Invitations { Invitations(access: access) }
    package var revocations: Revocations { Revocations(access: access) }
    package var secrets: Secrets { Secrets(access: access) }
    package var projects: Projects { Projects(access: access) }
    package var tasks: Tasks { Tasks(access: access) }
    package var outbox: Outbox { Outbox(access: access) }
    package var effects: Effects { Effects(access: access) }
    package var idempotency: Idempotency { Idempotency(access: access) }
    package var imports: Imports { Imports(access: access) }
    package var sandbox: Sandbox { Sandbox(access: access) }
    package var journal: Journal { Journal(access: access) }

    /// The rows of a noun; the store must have a scope.
    package func rows(_ shelf: Shelf) -> Rows { Rows(store: self, shelf: shelf) }

    /// For whom this store works; nil where it works across workspaces.
    package var scope: Scope? { access.scope }

    /// Runs `body` with the same doors over one transaction, so that what it writes is written together.
    ///
    /// `body` may run again when another transaction was in the way: it must do nothing outside. Within a
    /// transaction it joins that one.
    package func transaction<T: Sendable>(_ body: @Sendable (Store) async throws -> T) async throws -> T {
        try await access.transaction { try await body(Store($0)) }
    }

    /// Runs `body` as a part of the transaction that this store works in: when it throws, what it wrote is
    /// taken back and the rest goes on, unless the database itself does not answer. Alone it is one itself.
    package func nested<T: Sendable>(_ body: @Sendable (Store) async throws -> T) async throws -> T {
        try await access.nested { try await body(Store($0)) }
    }
}

extension Store {
    /// How much of a list is asked for: newest first, `limit` entries that come after the one called `after`.
    package struct Page: Sendable, Hashable {
        package static let most = 200

        package let limit: Int
        package let after: ID?

        /// A limit outside 1...200 is brought into it.
        package init(limit: Int = 50, after: ID? = nil) {
            self.limit = min(max(limit, 1), Self.most)
            self.after = after
        }
    }
}
