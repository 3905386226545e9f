import Logging
import Synchronization

/// The session of one transaction. It refuses to go on after a failed statement, as PostgreSQL does, so that
/// both databases behave alike and a fault that the body swallowed cannot end in half a commit.
final class Lease: Runner {
    private struct State {
        var fault: SQLFault?
        var isOver = false
        /// The scope of statements that name none: once a part had another one, it must be put back.
        var scope: String?
    }

    private let lane: Lane
    private let state: Mutex<State>

    init(_ lane: Lane, scope: String?) {
        self.lane = lane
        state = Mutex(State(scope: scope))
    }

    /// The first fault of this transaction.
    var fault: SQLFault? { state.withLock { $0.fault } }

    func scoped(to scope: String) -> any Session {
        state.withLock { $0.scope = $0.scope ?? Scoped.everything }
        return ScopedPart(whole: self, scope: scope)
    }

    func run(_ sql: String, _ values: [Value], scope: String?) async throws -> Answer {
        let own = try state.withLock { state in
            if let fault = state.fault {
                throw SQLFault(
                    .aborted, "a statement before this one failed in the same transaction: \(fault)")
            }
            if state.isOver { throw SQLFault(.aborted, "the transaction of this session is over") }
            return state.scope
        }
        do {
            return try await lane.send(sql, values, scope: scope ?? own, continues: true)
        } catch let fault as SQLFault {
            state.withLock { $0.fault = $0.fault ?? fault }
            throw fault
        }
    }

    func nested<T: Sendable>(_ body: @Sendable (any Session) async throws -> T) async throws -> T {
        try await nested(on: self, body)
    }

    /// - Parameter session: this one, or a part of it with another scope.
    func nested<T: Sendable>(
        on session: any Session, _ body: @Sendable (any Session) async throws -> T
    ) async throws -> T {
        _ = try await run("savepoint part", [], scope: nil)
        do {
            let value = try await body(session)
            if let fault { throw fault }
            try await mark("release part")
            return value
        } catch {
            try await takeBack()
            throw error
        }
    }

    /// Undoes what was written since the last savepoint. A fault that is not about what was written stays,
    /// and with it the transaction fails.
    private func takeBack() async throws {
        let isOver = state.withLock { state in
            if let fault = state.fault, fault.isAboutData { state.fault = nil }
            return state.fault != nil || state.isOver
        }
        guard !isOver else { return }
        try await mark("rollback to part")
        try await mark("release part")
    }

    /// Runs what ends a savepoint. It bears no scope, which a transaction with a failed statement cannot
    /// take.
    private func mark(_ sql: String) async throws {
        do {
            _ = try await lane.send(sql, continues: true)
        } catch let fault as SQLFault {
            state.withLock { $0.fault = $0.fault ?? fault }
            throw fault
        }
    }

    func commit() async throws {
        if let fault { throw fault }
        _ = try await lane.send("commit", continues: true)
        state.withLock { $0.isOver = true }
    }

    /// Takes everything back. A connection that cannot even do that is replaced by its next user.
    func rollback(_ log: Logger) async {
        state.withLock { $0.isOver = true }
        do {
            _ = try await lane.send("rollback", continues: true)
        } catch {
            log.debug("a rollback was refused", metadata: ["error": "\(error)"])
        }
    }
}
