import Core
import SQL
import Workspace

extension Store {
    /// All projects at once, for analyses and imports; one by one they are rows of their shelf.
    package struct Projects: Sendable {
        let access: Access

        private static let columns =
            "workspace_id, id, name, description, status, deadline, created_at, updated_at, version"

        package func find(_ workspace: ID, _ id: ID) async throws -> Project? {
            try await access.query(
                "select \(Self.columns) from projects where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)], Project.init(row:)
            ).first
        }

        /// The oldest project of this name.
        package func find(_ workspace: ID, named name: String) async throws -> Project? {
            try await access.query(
                """
                select \(Self.columns) from projects where workspace_id = $1 and name = $2
                order by id limit 1
                """, [Value(workspace), .text(name)], Project.init(row:)
            ).first
        }

        /// Newest first.
        package func list(_ workspace: ID, _ page: Page = Page()) async throws -> [Project] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            clause.add("id <", page.after.map { Value($0) })
            return try await access.query(
                """
                select \(Self.columns) from projects where workspace_id = $1\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, Project.init(row:))
        }
    }
}

extension Store {
    /// An id within its workspace.
    package struct Scoped: Sendable, Hashable {
        package let workspace: ID
        package let id: ID

        package init(_ workspace: ID, _ id: ID) {
            self.workspace = workspace
            self.id = id
        }
    }
}

extension Project {
    fileprivate init(row: Row) throws {
        try self.init(
            id: row.get("id"), workspace: row.get("workspace_id"), name: row.get("name"),
            description: row.get("description"), status: row.word("status"), deadline: row.get("deadline"),
            createdAt: row.get("created_at"), updatedAt: row.get("updated_at"), version: row.get("version"))
    }
}
