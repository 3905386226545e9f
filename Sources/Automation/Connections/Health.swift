import Core
import Integrations
import Store
import Workspace

// Whether connections work.
extension Connections {
    /// Asks the provider whether the connection works, and notes it. Throws `conflict` for one that is off.
    package func check(_ id: ID, in workspace: ID, at now: Moment = .now) async throws -> Item {
        let rows = scoped(workspace).rows(.connections)
        let connection = try await open(id, in: workspace)
        do {
            let isKnown = try await connection.line.check()
            return try await rows.update(
                id,
                Values([
                    "health": .string(isKnown ? "ok" : "unknown"), "checked_at": JSON(now),
                    "last_error": .null,
                ]))
        } catch let failure as Failure {
            return try await rows.update(
                id,
                Values([
                    "health": "failing", "checked_at": JSON(now),
                    "last_error": .string(String(failure.message.prefix(2_000))),
                ]))
        }
    }

    /// Notes that the provider lets a connection in no more, and tells its keepers. Nothing where it was
    /// connected anew since the secrets of `turn`.
    func lockOut(_ id: ID, in workspace: ID, turn: Int, _ failure: Failure) async {
        do {
            try await scoped(workspace).transaction { store in
                guard let row = try await store.rows(.connections).find(id),
                    row["status"].string == ConnectionStatus.active.rawValue,
                    try await store.connections.sealed(id)?.turn ?? 0 == turn
                else { return }
                try await store.rows(.connections).update(
                    id,
                    Values([
                        "status": JSON(ConnectionStatus.needsReauth), "health": "failing",
                        "checked_at": JSON(Moment.now),
                        "last_error": .string(String(failure.message.prefix(2_000))),
                    ]))
                let title = "Connect \"\(row["name"].string ?? "")\" anew"
                try await store.notifications.add(
                    .init(kind: "connection_lost", title: title, body: failure.message, subject: id),
                    to: store.notifications.keepers())
            }
        } catch {
            // The call that was refused fails by itself, and the next one finds out anew.
            return
        }
    }
}
