import Core
import SQL
import Workspace

extension Store {
    /// The projects.
    package struct Projects: Sendable {
        let access: Access

        /// What to change of a project; nil leaves a field as it is, `.some(nil)` empties it.
        package struct Patch: Sendable {
            package var name: String?
            package var description: String?
            package var status: Project.Status?
            package var deadline: Moment??

            package init() {}

            fileprivate func add(to clause: inout Clause) {
                clause.add("name =", name.map { Value($0) })
                clause.add("description =", description.map { Value($0) })
                clause.add("status =", status.map { Value($0) })
                clause.add("deadline =", deadline.map { Value($0) })
            }
        }

        private static let columns =
            "workspace_id, id, name, description, status, deadline, created_at, updated_at, version"

        package func create(_ project: Project) async throws {
            try await access.execute(
                "insert into projects (\(Self.columns)) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [
                    Value(project.workspace), Value(project.id), .text(project.name),
                    .text(project.description), Value(project.status), Value(project.deadline),
                    Value(project.createdAt), Value(project.updatedAt), Value(project.version),
                ])
        }

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
        package func list(
            _ workspace: ID, status: Project.Status? = nil, _ page: Page = Page()
        ) async throws -> [Project] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            clause.add("status =", status.map { Value($0) })
            clause.add("id <", page.after.map { Value($0) })
            return try await access.query(
                """
                select \(Self.columns) from projects where workspace_id = $1\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, Project.init(row:))
        }

        /// The project after the change. Throws `missing`, or `conflict` when `version` is given and is not
        /// the current one.
        package func update(
            _ id: Scoped, _ patch: Patch, version: Int? = nil, at now: Moment = .now
        ) async throws -> Project {
            var changes = Clause([Value(id.workspace), Value(id.id), Value(now), Value(version)])
            patch.add(to: &changes)
            let changed = try await access.query(
                """
                update projects set version = version + 1, updated_at = $3\(changes.list)
                where workspace_id = $1 and id = $2 and version = coalesce($4, version)
                returning \(Self.columns)
                """, changes.values, Project.init(row:))
            if let project = changed.first { return project }
            guard let current = try await find(id.workspace, id.id) else {
                throw Failure(.missing, "There is no such project.")
            }
            throw Failure(.conflict, "The project was changed meanwhile; its version is \(current.version).")
        }

        /// Its tasks stay, without a project. Throws `missing`.
        package func delete(_ workspace: ID, _ id: ID) async throws {
            try await access.transaction { access in
                try await access.execute(
                    """
                    update tasks set project_id = null, version = version + 1
                    where workspace_id = $1 and project_id = $2
                    """, [Value(workspace), Value(id)])
                let count = try await access.execute(
                    "delete from projects where workspace_id = $1 and id = $2", [Value(workspace), Value(id)])
                guard count == 1 else { throw Failure(.missing, "There is no such project.") }
            }
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
