/// Something that runs statements: a database, or one transaction of it.
///
/// Parameters are written `$1`, `$2`, ... and `values[0]` is `$1`, on every database and in any order.
package protocol Session: Sendable {
    /// Runs one statement and returns its rows.
    func query(_ sql: String, _ values: [Value]) async throws -> [Row]
    /// Runs one statement and returns how many rows it wrote.
    @discardableResult
    func execute(_ sql: String, _ values: [Value]) async throws -> Int
    /// The same session, of which every statement carries `scope` and sees only rows of that scope.
    ///
    /// The walls are PostgreSQL's policies on `Scoped.setting`; SQLite has none and shows everything.
    func scoped(to scope: String) -> any Session
    /// Runs `body` as a transaction, which in another transaction is a savepoint: what it wrote is taken back
    /// when it throws, and the transaction around it goes on.
    ///
    /// A fault that says nothing of what was written (busy, timeout, unreachable, ...) still ends the whole
    /// transaction. One part of a transaction is nested at a time.
    func nested<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T
}

/// Which SQL a database speaks, for the few sentences that cannot be shared.
package enum Dialect: String, Sendable {
    case sqlite, postgres
}

/// One database with its connections. Every error is a `SQLFault`, save those that a transaction's body
/// throws.
package protocol Database: Session {
    var dialect: Dialect { get }
    /// Runs `body` as one transaction: all of it is written when it returns, nothing when it throws.
    ///
    /// When another transaction was in the way (serialization failure, deadlock, busy), `body` runs again, at
    /// most `Limits.tries` times in all, so it must do nothing outside that may not happen twice. One failed
    /// statement fails the whole transaction on both databases, even when `body` catches the fault, unless
    /// the statement was `nested`.
    func transaction<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T
    /// The same connections, of which every statement and transaction carries `scope`.
    func scoped(to scope: String) -> any Database
    /// Finishes what was sent and closes every connection.
    func close() async
}

extension Database {
    package func scoped(to scope: String) -> any Session { scoped(to: scope) as any Database }

    package func nested<T: Sendable>(
        _ body: @Sendable (any Session) async throws -> T
    ) async throws -> T {
        try await transaction(body)
    }
}

extension Session {
    package func query(_ sql: String) async throws -> [Row] { try await query(sql, []) }

    @discardableResult
    package func execute(_ sql: String) async throws -> Int { try await execute(sql, []) }

    /// Runs `body` as one transaction, or as a part of the transaction that this session already is.
    package func atomically<T: Sendable>(
        _ body: @Sendable (any Session) async throws -> T
    ) async throws -> T {
        guard let database = self as? any Database else { return try await body(self) }
        return try await database.transaction(body)
    }
}
