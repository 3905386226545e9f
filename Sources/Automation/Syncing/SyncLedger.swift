import Core
import Store
import Workspace

/// Writes down at a connection how its readings go.
package struct SyncLedger: Sendable {
    private let store: Store
    private let connection: ID

    package init(_ connection: Connection, _ store: Store) {
        self.connection = connection.id
        self.store = store.scoped(
            Scope(workspace: connection.workspace, actor: "connection:\(connection.id)"))
    }

    /// All streams were read to their end; `trouble` says what is wrong with some of them. What was refused
    /// is named too, but the connection works.
    package func done(_ trouble: [String], at now: Moment = .now) async throws {
        let text = (trouble + [try await refusals()]).filter { !$0.isEmpty }.joined(separator: " ")
            .fitted(2_000)
        try await write([
            "last_sync_at": JSON(now), "checked_at": JSON(now),
            "health": .string(trouble.isEmpty ? "ok" : "failing"),
            "last_error": text.isEmpty ? .null : .string(text),
        ])
    }

    /// A reading failed. What it gets in with is to be given anew where the provider refused that.
    package func failed(_ failure: Failure, at now: Moment = .now) async throws {
        var values: [String: JSON] = [
            "checked_at": JSON(now), "last_error": .string(failure.message.fitted(2_000)),
        ]
        if !failure.isWorthRetrying { values["health"] = "failing" }
        if failure.kind == .unauthorized { values["status"] = JSON(ConnectionStatus.needsReauth) }
        try await write(values)
    }

    private func refusals() async throws -> String {
        let refused = try await store.syncRefusals.list(connection)
        guard let newest = refused.first else { return "" }
        let what = "\(newest.name.kind) \(newest.name.id): \(newest.reason)"
        return refused.count == 1
            ? "One thing could not be taken, \(what)"
            : "\(refused.count) things could not be taken, the newest is \(what)"
    }

    private func write(_ values: [String: JSON]) async throws {
        do { try await store.rows(.connections).update(connection, Values(values)) } catch let failure
            as Failure
        {
            // Deleted meanwhile: nobody is there to be told.
            guard failure.kind == .missing else { throw failure }
        }
    }
}
