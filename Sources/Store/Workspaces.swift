import Core
import SQL

extension Store {
    /// The workspaces, which everything else belongs to.
    package struct Workspaces: Sendable {
        let access: Access

        /// One workspace.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let name: String
            package let createdAt: Moment

            package init(id: ID = ID(), name: String, createdAt: Moment = .now) {
                self.id = id
                self.name = name
                self.createdAt = createdAt
            }

            init(_ row: Row) throws {
                try self.init(id: row.get("id"), name: row.get("name"), createdAt: row.get("created_at"))
            }
        }

        package func create(_ workspace: Entry) async throws {
            try await access.execute(
                "insert into workspaces (id, name, created_at) values ($1, $2, $3)",
                [Value(workspace.id), .text(workspace.name), Value(workspace.createdAt)])
        }

        package func find(_ id: ID) async throws -> Entry? {
            try await access.query(
                "select id, name, created_at from workspaces where id = $1", [Value(id)], Entry.init
            ).first
        }

        /// All workspaces, oldest first, `limit` at most: for sweeps and the first start.
        package func list(limit: Int = 200) async throws -> [Entry] {
            try await access.query(
                "select id, name, created_at from workspaces order by id limit $1", [Value(limit)], Entry.init
            )
        }
    }
}
