/// A database of which every statement sees one scope only.
struct Scoped: Database {
    /// The setting that PostgreSQL's policies read. Its value is the scope of the statement at hand, or
    /// `everything`.
    static let setting = "atom.workspace"
    static let everything = "*"
    /// Sets the scope up to the end of the transaction, be it one of a single statement.
    static let sql = "select set_config('\(setting)', $1, true)"

    let whole: Pooled
    let scope: String

    var dialect: Dialect { whole.dialect }

    func query(_ sql: String, _ values: [Value]) async throws -> [Row] {
        try await whole.run(sql, values, scope: scope).rows
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await whole.run(sql, values, scope: scope).affected
    }

    func transaction<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T {
        try await whole.transaction(scope: scope, body)
    }

    func scoped(to scope: String) -> any Database { whole.scoped(to: scope) }

    func close() async { await whole.close() }
}

/// What runs statements, each within a scope if it is given one.
protocol Runner: Session {
    func run(_ sql: String, _ values: [Value], scope: String?) async throws -> Answer
}

extension Runner {
    func query(_ sql: String, _ values: [Value]) async throws -> [Row] {
        try await run(sql, values, scope: nil).rows
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await run(sql, values, scope: nil).affected
    }
}

/// The statements of a transaction that see another scope than the rest of it.
struct ScopedPart: Session {
    let whole: Lease
    let scope: String

    func query(_ sql: String, _ values: [Value]) async throws -> [Row] {
        try await whole.run(sql, values, scope: scope).rows
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await whole.run(sql, values, scope: scope).affected
    }

    func scoped(to scope: String) -> any Session { whole.scoped(to: scope) }

    func nested<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T {
        try await whole.nested(on: self, body)
    }
}
