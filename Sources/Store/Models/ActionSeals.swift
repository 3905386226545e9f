import Core
import SQL

extension Store {
    /// The digests of proposed actions, sealed; the store must have a scope.
    package struct ActionSeals: Sendable {
        let store: Store

        private var access: Access { store.access }
        private func workspace() throws -> ID { try store.rows(.actions).scope.workspace }
    }

    package var actionSeals: ActionSeals { ActionSeals(store: self) }
}

extension Store.ActionSeals {
    package func add(_ action: ID, key: ID, text: String) async throws {
        try await access.execute(
            "insert into ai_action_seals (workspace_id, action_id, key_id, sealed) values ($1, $2, $3, $4)",
            [Value(try workspace()), Value(action), Value(key), .text(text)])
    }

    package func find(_ action: ID) async throws -> (key: ID, text: String)? {
        try await access.query(
            "select key_id, sealed from ai_action_seals where workspace_id = $1 and action_id = $2",
            [Value(try workspace()), Value(action)]
        ) { row in (key: try row.get("key_id", as: ID.self), text: try row.get("sealed", as: String.self)) }
        .first
    }
}
