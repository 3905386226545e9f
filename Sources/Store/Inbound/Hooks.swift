import Core
import SQL

extension Store {
    /// Where providers call: an address that is hard to guess for each connection.
    package struct Hooks: Sendable {
        let access: Access

        package struct Entry: Sendable, Hashable {
            package let workspace: ID
            package let connection: ID
            /// What stands in the address.
            package let id: String
            package let provider: String

            package init(workspace: ID, connection: ID, id: String, provider: String) {
                self.workspace = workspace
                self.connection = connection
                self.id = id
                self.provider = provider
            }

            init(_ row: Row) throws {
                workspace = try row.get("workspace_id")
                connection = try row.get("connection_id")
                id = try row.get("id")
                provider = try row.get("provider")
            }
        }
    }

    package var hooks: Hooks { Hooks(access: access) }
}

extension Store.Hooks {
    private static let columns = "workspace_id, connection_id, id, provider"

    /// The hook that an address names. Across workspaces: who calls shows no key.
    package func find(_ id: String) async throws -> Entry? {
        try await access.query(
            "select \(Self.columns) from hooks where id = $1", [.text(id)], Entry.init
        ).first
    }

    package func find(_ workspace: ID, of connection: ID) async throws -> Entry? {
        try await access.query(
            "select \(Self.columns) from hooks where workspace_id = $1 and connection_id = $2",
            [Value(workspace), Value(connection)], Entry.init
        ).first
    }

    /// Keeps the hook of a connection that has none, and returns the one it has then.
    package func keep(_ entry: Entry) async throws -> Entry {
        try await access.execute(
            """
            insert into hooks (workspace_id, connection_id, id, provider, created_at)
            values ($1, $2, $3, $4, $5) on conflict (workspace_id, connection_id) do nothing
            """,
            [
                Value(entry.workspace), Value(entry.connection), .text(entry.id), .text(entry.provider),
                Value(Moment.now),
            ])
        return try await find(entry.workspace, of: entry.connection) ?? entry
    }

    /// Closes the address of a connection; false where there was none.
    package func delete(_ workspace: ID, of connection: ID) async throws -> Bool {
        try await access.execute(
            "delete from hooks where workspace_id = $1 and connection_id = $2",
            [Value(workspace), Value(connection)]) == 1
    }
}
