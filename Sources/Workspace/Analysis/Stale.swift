import Core

extension Snapshot {
    /// Tasks in progress that nobody has touched for long.
    func stale() -> [Finding] {
        open.compactMap { index in
            let idle = days(from: tasks[index].updatedAt, to: now)
            guard tasks[index].status == .inProgress, idle >= limits.staleDays else { return nil }
            return staleTask(index, idle)
        }
    }

    private func staleTask(_ index: Int, _ idle: Int) -> Finding {
        let task = tasks[index]
        let severity: Finding.Severity =
            switch (task.priority, idle >= 2 * limits.staleDays) {
            case (.high, true): .critical
            case (.high, false), (.medium, _), (.low, true): .warning
            case (.low, false): .info
            }
        let owner = owner(index).map(Phrase.clean)
        return Finding(
            .stale, severity,
            "\(quote(index)) is in progress, but nothing changed for \(Phrase.days(idle)).",
            evidence(
                [index], project: task.project,
                [
                    .of("days_without_change", idle), .of("last_change", task.updatedAt),
                    .of("priority", task.priority.rawValue), .of("assigned_to", owner),
                ], against: [.of("stale_after_days", limits.staleDays)]),
            action: (owner.map { "Ask \($0) what stands in the way" } ?? "Give it an owner")
                + "; put it back to todo if nobody works on it.",
            weight: Double(idle))
    }
}
