import Core
import SQL
import Workspace

extension Store {
    /// The tasks and what they wait for.
    package struct Tasks: Sendable {
        let access: Access

        /// Which tasks to list; nil means any.
        package struct Filter: Sendable {
            package var project: ID?
            package var status: ProjectTask.Status?
            package var assignedTo: String?
            package var priority: ProjectTask.Priority?
            package var dueBefore: Moment?

            package init() {}

            fileprivate func add(to clause: inout Clause) {
                clause.add("project_id =", project.map { Value($0) })
                clause.add("status =", status.map { Value($0) })
                clause.add("assigned_to =", assignedTo.map { Value($0) })
                clause.add("priority =", priority.map { Value($0) })
                clause.add("due_date <", dueBefore.map { Value($0) })
            }
        }

        /// Throws `invalid` when its project or a task it waits for is not in its workspace.
        package func create(_ task: ProjectTask) async throws {
            try await access.transaction { access in
                _ = try await access.insert([(task, nil)])
                try await access.link(Scoped(task.workspace, task.id), to: task.dependsOn)
            }
        }

        package func find(_ workspace: ID, _ id: ID) async throws -> ProjectTask? {
            let tasks = try await access.query(
                "select \(ProjectTask.columns) from tasks where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)], ProjectTask.init(row:))
            return try await access.withDependencies(tasks, of: workspace).first
        }

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

        /// Newest first.
        package func list(
            _ workspace: ID, _ filter: Filter = Filter(), _ page: Page = Page()
        ) async throws -> [ProjectTask] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            filter.add(to: &clause)
            clause.add("id <", page.after.map { Value($0) })
            let tasks = try await access.query(
                """
                select \(ProjectTask.columns) from tasks where workspace_id = $1\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, ProjectTask.init(row:))
            return try await access.withDependencies(tasks, of: workspace)
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

        /// The task after the change. Throws `missing`, or `conflict` when `version` is given and is not the
        /// current one. Becoming done sets `completedAt`, and ceasing to be done empties it.
        package func update(
            _ id: Scoped, _ patch: Patch, version: Int? = nil, at now: Moment = .now
        ) async throws -> ProjectTask {
            try await access.transaction { access in
                var changes = Clause([Value(id.workspace), Value(id.id), Value(now), Value(version)])
                patch.add(to: &changes)
                let count = try await access.execute(
                    """
                    update tasks set version = version + 1, updated_at = $3\(changes.list)
                    where workspace_id = $1 and id = $2 and version = coalesce($4, version)
                    """, changes.values)
                if count == 1, let dependsOn = patch.dependsOn { try await access.relink(id, to: dependsOn) }
                guard let task = try await Tasks(access: access).find(id.workspace, id.id) else {
                    throw Failure(.missing, "There is no such task.")
                }
                guard count == 1 else {
                    throw Failure(
                        .conflict, "The task was changed meanwhile; its version is \(task.version).")
                }
                return task
            }
        }

        /// Adds to what a task waits for.
        package func link(_ id: Scoped, to dependsOn: [ID]) async throws {
            try await access.transaction { try await $0.link(id, to: dependsOn) }
        }

        /// Throws `missing`.
        package func delete(_ workspace: ID, _ id: ID) async throws {
            let count = try await access.execute(
                "delete from tasks where workspace_id = $1 and id = $2", [Value(workspace), Value(id)])
            guard count == 1 else { throw Failure(.missing, "There is no such task.") }
        }
    }
}
