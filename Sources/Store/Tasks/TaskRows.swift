import Core
import SQL
import Workspace

extension ProjectTask {
    static let columns = """
        workspace_id, id, title, description, status, priority, project_id, assigned_to, time_estimate, \
        time_spent, due_date, completed_at, created_at, updated_at, version
        """

    init(row: Row) throws {
        try self.init(
            id: row.get("id"), workspace: row.get("workspace_id"), title: row.get("title"),
            description: row.get("description"), status: row.word("status"), priority: row.word("priority"),
            project: row.get("project_id"), assignedTo: row.get("assigned_to"),
            timeEstimate: row.get("time_estimate"), timeSpent: row.get("time_spent"),
            dueDate: row.get("due_date"), completedAt: row.get("completed_at"),
            createdAt: row.get("created_at"), updatedAt: row.get("updated_at"), version: row.get("version"))
    }

    fileprivate func values(importKey: String?) -> [Value] {
        [
            Value(workspace), Value(id), .text(title), .text(description), Value(status), Value(priority),
            Value(project), Value(assignedTo), Value(timeEstimate), Value(timeSpent), Value(dueDate),
            Value(completedAt), Value(createdAt), Value(updatedAt), Value(version), Value(importKey),
        ]
    }

    /// The task with what it waits for, taken from the links of several.
    func waiting(for links: [ID: [ID]]) -> ProjectTask {
        var task = self
        task.dependsOn = links[id] ?? []
        return task
    }
}

extension Access {
    /// Inserts tasks in one statement and returns the ids of those whose import key was not there yet.
    func insert(_ tasks: [(ProjectTask, String?)]) async throws -> Set<ID> {
        let width = 16
        let rows = tasks.indices.map { row in
            "(" + (1...width).map { "$\(row * width + $0)" }.joined(separator: ", ") + ")"
        }
        let inserted = try await query(
            """
            insert into tasks (\(ProjectTask.columns), import_key) values \(rows.joined(separator: ", "))
            on conflict (workspace_id, import_key) do nothing returning id
            """, tasks.flatMap { $0.values(importKey: $1) }
        ) { try $0.get("id", as: ID.self) }
        return Set(inserted)
    }

    func link(_ task: Store.Scoped, to dependsOn: [ID]) async throws {
        for id in dependsOn {
            try await execute(
                """
                insert into task_dependencies (workspace_id, task_id, depends_on) values ($1, $2, $3)
                on conflict (workspace_id, task_id, depends_on) do nothing
                """, [Value(task.workspace), Value(task.id), Value(id)])
        }
    }

    func relink(_ task: Store.Scoped, to dependsOn: [ID]) async throws {
        try await execute(
            "delete from task_dependencies where workspace_id = $1 and task_id = $2",
            [Value(task.workspace), Value(task.id)])
        try await link(task, to: dependsOn)
    }

    /// What the tasks that `condition` names wait for.
    func links(_ condition: String, _ values: [Value]) async throws -> [ID: [ID]] {
        let pairs = try await query(
            "select task_id, depends_on from task_dependencies where \(condition) order by depends_on", values
        ) { (try $0.get("task_id", as: ID.self), try $0.get("depends_on", as: ID.self)) }
        return Dictionary(grouping: pairs) { $0.0 }.mapValues { $0.map(\.1) }
    }
}
