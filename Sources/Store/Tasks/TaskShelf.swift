import Core
import SQL
import Workspace

extension Shelf {
    /// The tasks.
    package static let tasks: Shelf = {
        var shelf = Shelf(.task)
        shelf.prepare = { draft, store in
            draft.keepTimes()
            draft.order("depends_on", "label_ids")
            try await store.rows(.tasks).checkTimeSpent(draft)
            try draft.recur()
            try await store.rows(.tasks).checkParent(of: draft)
        }
        shelf.settle = { change, store in
            let tasks = store.rows(.tasks)
            try await store.followUps.hear(task: change)
            try await store.zendesk.hear(ofTask: change)
            guard let task = change.after else { return try await tasks.dissolve(change) }
            if change.given.has("depends_on") {
                try await tasks.relink(task.id, to: change.given.ids("depends_on"))
            }
            if change.given.has("label_ids") {
                try await tasks.mark(task.id, with: change.given.ids("label_ids"))
            }
            try await tasks.makeNext(change)
        }
        shelf.complete = { items, store in
            try await store.rows(.tasks).withLabels(store.rows(.tasks).withDependencies(items))
        }
        return shelf
    }()
}

extension Shelf.Draft {
    /// Keeps the times at which a task was first begun, and was done.
    fileprivate mutating func keepTimes() {
        let status = values.text("status").flatMap { ProjectTask.Status(rawValue: $0) }
        if status == .inProgress, values.time("started_at") == nil { values["started_at"] = JSON(now) }
        if status != .done {
            values["completed_at"] = .null
        } else if values.time("completed_at") == nil {
            values["completed_at"] = JSON(now)
        }
    }

    /// Puts lists in the order in which they are read, so that the same ids are no change.
    fileprivate mutating func order(_ names: String...) {
        for name in names { values[name] = .array(values.texts(name).sorted().map(JSON.string)) }
    }
}

extension Rows {
    /// Where a task has time entries, they alone say what was spent.
    fileprivate func checkTimeSpent(_ draft: Shelf.Draft) async throws {
        guard let before = draft.before, draft.given.has("time_spent"),
            let sum = try await hours(spentOn: draft.id), draft.values.number("time_spent") != sum
        else { return }
        throw Failure(
            .invalid,
            "time_spent is the sum of the time entries of this \(noun.title); change those instead. "
                + "It is \(before["time_spent"].double ?? 0) hours.", at: "/time_spent")
    }

    /// Empties a field of every row in which it names `id`, all at once, since there may be very many; each
    /// is journalled.
    func empty(_ field: String, of id: ID, at now: Moment) async throws {
        let scope = try scope
        let changes = Store.Journal.Changes(from: [field: JSON(id)], to: [field: .null])
        let entries = try await access.query(
            """
            update \(noun.table) set \(field) = null, version = version + 1, updated_at = $3
            where workspace_id = $1 and \(field) = $2 returning \(noun.columns)
            """, [Value(scope.workspace), Value(id), Value(now)]
        ) { row in
            let item = try noun.item(row)
            return Store.Journal.Entry(
                workspace: scope.workspace, noun: noun.name, event: noun.event("updated"),
                row: item.id, action: .updated, version: item.version, actor: scope.actor,
                request: scope.request, audience: audience(of: item), changes: changes, at: now)
        }
        try await store.journal.write(entries)
    }

    /// Frees the parts of a task that goes, and takes what belongs to it along.
    fileprivate func dissolve(_ change: Shelf.Change) async throws {
        guard let task = change.before else { return }
        try await lockTies()
        try await empty("parent_id", of: task.id, at: change.now)
        for shelf in [Shelf.messages, .calendarEvents, .notes] {
            try await store.rows(shelf).empty("task_id", of: task.id, at: change.now)
        }
        for shelf in [Shelf.comments, .timeEntries, .attachments] {
            try await store.rows(shelf.bare).clear(task.id, at: change.now)
        }
    }

    /// Deletes the rows that belong to a task.
    private func clear(_ task: ID, at now: Moment) async throws {
        let ids = try await access.query(
            "select id from \(noun.table) where workspace_id = $1 and task_id = $2 order by id",
            [Value(try scope.workspace), Value(task)]
        ) { try $0.get("id", as: ID.self) }
        for id in ids { try await delete(id, at: now) }
    }

    /// Lets one transaction at a time change how the tasks of the workspace hang together; two that each look
    /// good could make a circle.
    func lockTies() async throws {
        let workspace = try scope.workspace
        try await access.execute("update workspaces set name = name where id = $1", [Value(workspace)])
    }
}
