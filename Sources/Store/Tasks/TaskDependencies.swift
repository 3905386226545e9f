import Core
import SQL
import Workspace

// What tasks wait for.
extension Rows {
    /// Makes `ids` the tasks that `task` waits for. Throws `invalid` when one of them waits for it.
    func relink(_ task: ID, to ids: [ID]) async throws {
        let scoped = Store.Scoped(try scope.workspace, task)
        guard !ids.contains(task) else {
            throw Failure(.invalid, "A task cannot depend on itself.", at: "/depends_on")
        }
        if !ids.isEmpty { try await lockTies() }
        try await access.relink(scoped, to: ids)
        guard try await access.waitsForItself(scoped) else { return }
        throw Failure(
            .invalid, "These dependencies make a circle: one of them waits for this task.", at: "/depends_on")
    }

    func withDependencies(_ items: [Item]) async throws -> [Item] {
        let workspace = try scope.workspace
        var links: [ID: [ID]] = [:]
        for list in IDList.cut(items.map(\.id), after: 1) {
            let found = try await access.links(
                "workspace_id = $1 and task_id in \(list.sql)", [Value(workspace)] + list.values)
            links.merge(found) { $1 }
        }
        return items.map { $0.with("depends_on", links[$0.id] ?? []) }
    }
}

extension Item {
    /// The item with a list of ids.
    func with(_ name: String, _ ids: [ID]) -> Item {
        var item = self
        item.values[name] = .array(ids.map { JSON($0) })
        return item
    }
}

extension Access {
    /// True when a task is among those that it waits for, however far away.
    fileprivate func waitsForItself(_ task: Store.Scoped) async throws -> Bool {
        try await query(
            """
            with recursive ahead (id) as (
                select depends_on from task_dependencies where workspace_id = $1 and task_id = $2
                union
                select d.depends_on from task_dependencies d join ahead a on d.task_id = a.id
                where d.workspace_id = $1
            )
            select id from ahead where id = $2
            """, [Value(task.workspace), Value(task.id)]
        ) { try $0.get("id", as: ID.self) }.isEmpty == false
    }
}
