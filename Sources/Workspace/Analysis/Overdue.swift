import Core

extension Snapshot {
    /// Open tasks and projects whose date has passed.
    func overdue() -> [Finding] {
        open.filter(isOverdue).map(overdueTask) + overdueProjects()
    }

    private func overdueTask(_ index: Int) -> Finding {
        let task = tasks[index]
        let due = task.dueDate ?? now
        let late = days(from: due, to: now)
        let isCritical = late >= limits.overdueCriticalDays || task.priority == .high
        let owner = owner(index).map(Phrase.clean)
        let title =
            "\(quote(index)) is overdue by \(Phrase.days(late)) (\(task.priority.rawValue) priority, "
            + (owner.map { "assigned to \($0))." } ?? "assigned to nobody).")
        let action =
            owner.map { "Agree with \($0) on what is left and on a new date, or finish it first." }
            ?? "Give it an owner and a new date, or close it."
        return Finding(
            .overdue, isCritical ? .critical : .warning, title,
            evidence(
                [index], project: task.project,
                [
                    .of("days_late", late), .of("due_date", due), .of("priority", task.priority.rawValue),
                    .of("assigned_to", owner), .of("tasks_waiting_for_it", dependents[index].count),
                ], against: [.of("critical_after_days", limits.overdueCriticalDays)]),
            action: action, weight: Double(late) + (task.priority == .high ? 7 : 0))
    }

    private func overdueProjects() -> [Finding] {
        var left: [ID: [Int]] = [:]
        for index in open {
            if let project = tasks[index].project { left[project, default: []].append(index) }
        }
        return projects.values.sorted { $0.id < $1.id }.compactMap { project in
            guard project.status == .active, let deadline = project.deadline, deadline < now,
                let rest = left[project.id]
            else { return nil }
            return overdueProject(project, deadline, rest)
        }
    }

    private func overdueProject(_ project: Project, _ deadline: Moment, _ rest: [Int]) -> Finding {
        let late = days(from: deadline, to: now)
        return Finding(
            .overdue, .critical,
            "The project \(Phrase.quote(project.name)) passed its deadline \(Phrase.days(late)) ago with "
                + "\(Phrase.count(rest.count, "task")) open.",
            evidence(
                rest, project: project.id,
                [.of("days_late", late), .of("deadline", deadline), .of("open_tasks", rest.count)]),
            action: "Cut the scope to what must ship, or set a deadline that the forecast supports.",
            weight: Double(late) + Double(rest.count))
    }
}
