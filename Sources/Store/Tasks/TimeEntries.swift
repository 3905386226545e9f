import Core
import SQL
import Workspace

extension Shelf {
    /// The time entries; their sum is what was spent on their task.
    package static let timeEntries: Shelf = {
        var shelf = Shelf(.timeEntry)
        shelf.prepare = { draft, store in
            if draft.before == nil { draft.values["user_id"] = JSON(store.scope?.user) }
        }
        shelf.settle = { change, store in
            guard let task = (change.after ?? change.before)?.values.id("task_id") else { return }
            let gone = change.after == nil ? change.id : nil
            try await store.rows(.tasks).addUp(task, without: gone, at: change.now)
        }
        return shelf
    }()

    /// The files of tasks.
    package static let attachments: Shelf = {
        var shelf = Shelf(.attachment)
        shelf.prepare = { draft, store in
            if draft.before == nil { draft.values["author_id"] = JSON(store.scope?.user) }
        }
        return shelf
    }()
}

extension Rows {
    /// The hours in the entries of a task, to the ten-thousandth; nil where there are none.
    func hours(spentOn task: ID, without gone: ID? = nil) async throws -> Double? {
        let minutes: Int? = try await access.query(
            """
            select cast(sum(minutes) as bigint) as minutes from time_entries
            where workspace_id = $1 and task_id = $2 and id <> $3
            """, [Value(try scope.workspace), Value(task), .text(gone?.text ?? "")]
        ) { try $0.get("minutes", as: Int?.self) }[0]
        return minutes.map { (Double($0) / 60 * 10_000).rounded() / 10_000 }
    }

    /// Writes what was spent on a task into it. Throws `invalid` when it is more than a task can hold.
    fileprivate func addUp(_ task: ID, without gone: ID?, at now: Moment) async throws {
        // The task's lock comes before the sum, so that of two entries the second sees the first.
        try await access.execute(
            "update tasks set version = version where workspace_id = $1 and id = $2",
            [Value(try scope.workspace), Value(task)])
        let hours = try await hours(spentOn: task, without: gone)
        guard hours ?? 0 <= ProjectTask.Limits.hours.upperBound else {
            throw Failure(
                .invalid, "A task can hold \(Int(ProjectTask.Limits.hours.upperBound)) hours.", at: "/minutes"
            )
        }
        try await store.rows(Shelf.tasks.bare).update(task, Values(["time_spent": JSON(hours)]), at: now)
    }
}

extension Store.Tasks {
    /// The ids of all files of these tasks.
    package func attachments(_ workspace: ID, of tasks: [ID]) async throws -> [ID] {
        var files: [ID] = []
        for list in IDList.cut(tasks, after: 1) {
            files += try await access.query(
                "select id from attachments where workspace_id = $1 and task_id in \(list.sql)",
                [Value(workspace)] + list.values
            ) { try $0.get("id") }
        }
        return files
    }
}
