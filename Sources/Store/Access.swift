import Core
import SQL

/// A session whose faults come out as failures.
struct Access: Sendable {
    let session: any Session
    /// For whom it works; nil where it works across workspaces.
    var scope: Scope?

    /// The rows of one statement, each read by `read`.
    func query<T>(_ sql: String, _ values: [Value], _ read: (Row) throws -> T) async throws -> [T] {
        try await translated { try await session.query(sql, values).map(read) }
    }

    /// The rows that one statement wrote.
    @discardableResult
    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await translated { try await session.execute(sql, values) }
    }

    func transaction<T: Sendable>(_ body: @Sendable (Access) async throws -> T) async throws -> T {
        try await translated {
            try await session.atomically { try await body(Access(session: $0, scope: scope)) }
        }
    }

    /// A part of a transaction that is taken back alone when `body` throws.
    func nested<T: Sendable>(_ body: @Sendable (Access) async throws -> T) async throws -> T {
        try await translated {
            try await session.nested { try await body(Access(session: $0, scope: scope)) }
        }
    }

    private func translated<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let fault as SQLFault {
            throw Failure(fault)
        }
    }
}

extension Failure {
    /// What a fault of the database means to the caller.
    package init(_ fault: SQLFault) {
        switch fault.kind {
        case .unique: self.init(.conflict, "There is one like it already.", cause: fault)
        case .foreignKey:
            self.init(.invalid, "It refers to something that is not in this workspace.", cause: fault)
        case .constraint, .invalid:
            self.init(.invalid, "It holds a value that cannot be stored.", cause: fault)
        case .busy, .timeout, .full, .unreachable, .closed:
            self.init(
                .unavailable, "The database does not answer in time; try again.", cause: fault,
                retryAfter: .seconds(1))
        case .newer, .changed: self.init(.broken, fault.message, cause: fault)
        case .syntax, .aborted, .other: self.init(.broken, "The database refused a statement.", cause: fault)
        }
    }
}
