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

    /// Creates many at once, all or none; a task may wait for one that comes later in `tasks`.
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
            for each in tasks where created.contains(each.task.id) {
                try await access.link(
                    Store.Scoped(each.task.workspace, each.task.id), to: each.task.dependsOn)
            }
            return bulk
        }
    }
}
