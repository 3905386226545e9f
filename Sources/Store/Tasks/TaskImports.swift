import Core
import SQL
import Workspace

extension Store.Tasks {
    /// A task out of an import, and the key that its row keeps when the import runs again.
    package struct Imported: Sendable {
        package let task: ProjectTask
        package let key: String

        package init(_ task: ProjectTask, key: String) {
            self.task = task
            self.key = key
        }
    }

    /// What became of many tasks.
    package struct Bulk: Sendable, Hashable {
        package var created: [ID]
        /// The import keys that were there already; their rows were left as they are.
        package var existing: [String]

        package init(created: [ID] = [], existing: [String] = []) {
            self.created = created
            self.existing = existing
        }
    }

    /// The rows of one insert, in a few fixed sizes, so that few statements have to stay prepared.
    private static let sizes = [50, 10, 1]

    /// Creates many at once, all or none, each with its words and its entry in the journal; a task may wait
    /// for one that comes later in `tasks`.
    package func create(_ tasks: [Imported]) async throws -> Bulk {
        try await access.transaction { access in
            var bulk = Bulk()
            var rest = tasks[...]
            while let size = Self.sizes.first(where: { $0 <= rest.count }) {
                let some = rest.prefix(size)
                rest = rest.dropFirst(size)
                let created = try await access.insert(some.map { ($0.task, $0.key) })
                for each in some {
                    if created.contains(each.task.id) {
                        bulk.created.append(each.task.id)
                    } else {
                        bulk.existing.append(each.key)
                    }
                }
            }
            let created = Set(bulk.created)
            try await access.complete(tasks.map(\.task).filter { created.contains($0.id) })
            return bulk
        }
    }
}

extension Access {
    /// Does for tasks that were inserted at once what their shelf does for each one.
    fileprivate func complete(_ tasks: [ProjectTask]) async throws {
        for task in tasks {
            try await link(Store.Scoped(task.workspace, task.id), to: task.dependsOn)
        }
        for (workspace, tasks) in Dictionary(grouping: tasks, by: \.workspace) {
            let words = tasks.map { (id: $0.id, words: SearchWords.of([$0.title, $0.description])) }
            try await keepWords(words, .task, workspace)
        }
        try await write(tasks.map { $0.entry(by: scope) })
    }
}

extension ProjectTask {
    fileprivate func entry(by scope: Scope?) -> Store.Journal.Entry {
        Store.Journal.Entry(
            workspace: workspace, noun: Noun.task.name, event: Noun.task.event("created"), row: id,
            action: .created, version: version, actor: scope?.actor ?? "system", request: scope?.request,
            changes: Store.Journal.Changes(from: [:], to: fields), at: .now)
    }

    /// What its row shows, so far as an import sets it.
    private var fields: [String: JSON] {
        [
            "title": .string(title), "description": .string(description), "status": JSON(status),
            "priority": JSON(priority), "project_id": JSON(project), "assigned_to": JSON(assignedTo),
            "time_estimate": JSON(timeEstimate), "time_spent": JSON(timeSpent), "due_date": JSON(dueDate),
            "completed_at": JSON(completedAt), "depends_on": .array(dependsOn.map { JSON($0) }),
        ]
    }
}
