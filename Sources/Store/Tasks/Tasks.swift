import Core
import SQL
import Workspace

extension Store {
    /// All tasks at once, for analyses and imports; one by one they are rows of their shelf.
    package struct Tasks: Sendable {
        let access: Access

        /// The ids of the tasks that bear one of these titles; the oldest where several do.
        package func find(_ workspace: ID, titled titles: [String]) async throws -> [String: ID] {
            var found: [String: ID] = [:]
            for title in Set(titles) {
                let ids = try await access.query(
                    "select id from tasks where workspace_id = $1 and title = $2 order by id limit 1",
                    [Value(workspace), .text(title)]
                ) { try $0.get("id", as: ID.self) }
                found[title] = ids.first
            }
            return found
        }

        /// Every task of the workspace, newest first, `most` of them at most: what an analysis looks at.
        package func all(_ workspace: ID, most: Int = 100_000) async throws -> [ProjectTask] {
            try await access.transaction { access in
                let tasks = try await access.query(
                    """
                    select \(ProjectTask.columns) from tasks where workspace_id = $1
                    order by id desc limit $2
                    """, [Value(workspace), Value(most)], ProjectTask.init(row:))
                let links = try await access.links("workspace_id = $1", [Value(workspace)])
                return tasks.map { $0.waiting(for: links) }
            }
        }
    }
}
