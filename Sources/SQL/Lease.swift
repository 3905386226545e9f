import Logging
import Synchronization

/// The session of one transaction. It refuses to go on after a failed statement, as PostgreSQL does, so that
/// both databases behave alike and a fault that the body swallowed cannot end in half a commit.
final class Lease: Session {
    private struct State {
        var fault: SQLFault?
        var isOver = false
    }

    private let lane: Lane
    private let state = Mutex(State())

    init(_ lane: Lane) { self.lane = lane }

    /// The first fault of this transaction.
    var fault: SQLFault? { state.withLock { $0.fault } }

    func query(_ sql: String, _ values: [Value]) async throws -> [Row] { try await run(sql, values).rows }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int { try await run(sql, values).affected }

    private func run(_ sql: String, _ values: [Value]) async throws -> Answer {
        try state.withLock { state in
            if let fault = state.fault {
                throw SQLFault(
                    .aborted, "a statement before this one failed in the same transaction: \(fault)")
            }
            if state.isOver { throw SQLFault(.aborted, "the transaction of this session is over") }
        }
        do {
            return try await lane.send(sql, values, continues: true)
        } catch let fault as SQLFault {
            state.withLock { $0.fault = $0.fault ?? fault }
            throw fault
        }
    }

    func commit() async throws {
        if let fault { throw fault }
        _ = try await run("commit", [])
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
