import Core

extension Snapshot {
    /// Priorities that the rest of the data speaks against.
    func priorities() -> [Finding] {
        open.compactMap { raise($0) ?? lower($0) } + inflation()
    }

    private func raise(_ index: Int) -> Finding? {
        let task = tasks[index]
        guard task.priority != .high else { return nil }
        let waiting = dependents[index]
        let pressing = waiting.filter { tasks[$0].priority == .high }
        let isSoon = task.priority == .low && isDue(index, withinDays: limits.dueSoonDays)
        let reason: String
        if waiting.count >= limits.blocksMany {
            reason = "\(waiting.count) tasks wait for it"
        } else if let first = pressing.first {
            reason = "\(quote(first)), of high priority, waits for it"
        } else if isSoon, let due = task.dueDate {
            reason =
                isOverdue(index)
                ? "it was due on \(Phrase.day(due))" : "it is due on \(Phrase.day(due))"
        } else {
            return nil
        }
        let wanted = isSoon && waiting.isEmpty ? "medium" : "high"
        return Finding(
            .priority, .warning, "\(quote(index)) has \(task.priority.rawValue) priority, but \(reason).",
            evidence(
                [index] + waiting, project: task.project,
                [
                    .of("priority", task.priority.rawValue), .of("suggested", wanted),
                    .of("tasks_waiting_for_it", waiting.count), .of("high_priority_waiting", pressing.count),
                    .of("due_date", task.dueDate),
                ],
                against: [
                    .of("blocks_many_from", limits.blocksMany), .of("due_soon_days", limits.dueSoonDays),
                ]),
            action: "Raise it to \(wanted).", weight: Double(waiting.count) + Double(pressing.count))
    }

    private func lower(_ index: Int) -> Finding? {
        let task = tasks[index]
        let idle = days(from: task.updatedAt, to: now)
        guard task.priority == .high, task.status == .todo, idle >= limits.doubtfulDays,
            dependents[index].isEmpty, !isDue(index, withinDays: limits.horizonDays)
        else { return nil }
        return Finding(
            .priority, .info,
            "\(quote(index)) has high priority, but nobody touched it for \(Phrase.days(idle)) and "
                + "nothing waits for it.",
            evidence(
                [index], project: task.project,
                [
                    .of("priority", task.priority.rawValue), .of("suggested", "medium"),
                    .of("days_without_change", idle), .of("due_date", task.dueDate),
                ],
                against: [
                    .of("doubtful_after_days", limits.doubtfulDays), .of("horizon_days", limits.horizonDays),
                ]),
            action: "Begin it, or lower it to medium.", weight: Double(idle) / 1_000)
    }

    private func inflation() -> [Finding] {
        let high = open.filter { tasks[$0].priority == .high }
        guard open.count >= 10, high.count * 2 > open.count else { return [] }
        let percent = high.count * 100 / open.count
        return [
            Finding(
                .priority, .warning, "\(percent) % of the open tasks have high priority, so it says little.",
                evidence(
                    high, [.of("high_priority", high.count), .of("open_tasks", open.count)],
                    against: [.of("at_most_percent", 50), .of("least_open_tasks", 10)]),
                action: "Choose the few that come first and lower the others.", weight: 1_000)
        ]
    }
}
