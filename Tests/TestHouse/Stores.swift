import Core
import SQL
import Store

/// A store of one test's own, with a workspace in it and a second one that must never show.
package struct FreshStore: Sendable {
    package let database: any Database
    package let store: Store
    package let workspace: ID
    package let other: ID

    /// Runs `body` with a migrated store over an empty database.
    package static func with<T: Sendable>(
        _ engine: Engine, _ body: (FreshStore) async throws -> T
    ) async throws -> T {
        try await FreshDatabase.with(engine) { database in
            _ = try await Store.migrator(database, log: .quiet).up()
            let store = Store(database)
            let entries = ["Ours", "Theirs"].map { Store.Workspaces.Entry(name: $0) }
            for entry in entries { try await store.workspaces.create(entry) }
            return try await body(
                FreshStore(database: database, store: store, workspace: entries[0].id, other: entries[1].id))
        }
    }
}
