import Calendar
import Core
import Workspace

// Tasks that come again.
extension Shelf.Draft {
    /// Checks the recurrence of a task, and keeps where it began.
    mutating func recur() throws {
        guard values.text("recurrence") != nil else {
            values["recurs_from"] = .null
            return
        }
        let isNew = ["recurrence", "time_zone"].contains { values[$0] != before?[$0] }
        if isNew && given.time("recurs_from") == nil || values.time("recurs_from") == nil {
            values["recurs_from"] = values["due_date"]
        }
        let next = try values.nextDueDate()
        let isDone = values.text("status") == ProjectTask.Status.done.rawValue
        if isDone, next != nil, values.id("next_task_id") == nil { values["next_task_id"] = JSON(ID()) }
    }
}

extension Values {
    /// When a task that recurs is due after its own due date; nil when it was the last.
    fileprivate func nextDueDate() throws -> Moment? {
        guard let rule = text("recurrence"), let due = time("due_date"), let from = time("recurs_from") else {
            return nil
        }
        let zone = try Zone(text("time_zone") ?? "UTC", at: "/time_zone")
        do {
            let recurrence = try Calendar.Recurrence(rule, start: zone.wall(at: from), in: zone)
            return Timing.rule(recurrence).next(after: due)
        } catch let failure as Failure {
            let place = failure.pointer == "/rrule" ? "/recurrence" : "/due_date"
            throw Failure(failure.kind, failure.message, at: place)
        }
    }

    /// The fields that one task of a series hands on to the next.
    fileprivate static let handedOn = [
        "title", "description", "priority", "project_id", "parent_id", "assigned_to", "label_ids",
        "time_estimate", "recurrence", "time_zone", "recurs_from",
    ]
}

extension Rows {
    /// Makes the next task of a series when one of it was done; each task makes one in its life.
    func makeNext(_ change: Shelf.Change) async throws {
        guard let task = change.after, let next = task.values.id("next_task_id"),
            change.before?["next_task_id"] != JSON(next), let due = try task.values.nextDueDate()
        else { return }
        var values = Values(["due_date": JSON(due)])
        for name in Values.handedOn where task[name] != .null { values[name] = task[name] }
        try await create(values, id: next, at: change.now)
    }
}
