import Core
import SQL
import Workspace

extension Store {
    /// What connections get in with, sealed; the store must have a scope.
    package struct Connections: Sendable {
        let store: Store

        /// The sealed secrets of one connection.
        package struct Sealed: Sendable, Hashable {
            /// The key of the workspace that sealed it.
            package let key: ID
            package let text: String
            /// When an access token in it ends.
            package let expiresAt: Moment?
            /// Grows with each change.
            package let turn: Int

            package init(key: ID, text: String, expiresAt: Moment? = nil, turn: Int = 0) {
                self.key = key
                self.text = text
                self.expiresAt = expiresAt
                self.turn = turn
            }
        }
    }

    package var connections: Connections { Connections(store: self) }
}

extension Store.Connections {
    var access: Access { store.access }

    var workspace: ID { get throws { try store.rows(.connections).scope.workspace } }

    /// The connection of a provider that is to be used when none is named: the oldest that works.
    package func usual(_ provider: String) async throws -> Item? {
        var query = Rows.Query()
        query.equal = [("provider", JSON.string(provider)), ("status", JSON(ConnectionStatus.active))]
            .compactMap { name, value in Noun.connection.field(name).map { (field: $0, value: value) } }
        return try await store.rows(.connections).list(query).last
    }
}
