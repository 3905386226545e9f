import Core

extension Snapshot {
    /// Open tasks that wait for unfinished ones; those in a circle are left to `cycles`.
    func blocked(except inCircles: Set<Int>) -> [Finding] {
        open.compactMap { index in
            blockers[index].isEmpty || inCircles.contains(index) ? nil : blockedTask(index)
        }
    }

    private func blockedTask(_ index: Int) -> Finding {
        let task = tasks[index]
        let late = blockers[index].filter(isOverdue)
        let isPressing = task.status == .inProgress || isDue(index, withinDays: limits.horizonDays)
        let first = late.first ?? blockers[index][0]
        let others = blockers[index].count - 1
        let title =
            "\(quote(index)) waits for \(quote(first))"
            + (late.isEmpty ? ", which is not done" : ", which is overdue")
            + (others > 0 ? ", and for \(Phrase.count(others, "other task"))." : ".")
        let severity: Finding.Severity =
            switch (late.isEmpty, isPressing) {
            case (false, true): .critical
            case (false, false), (true, true): .warning
            case (true, false): .info
            }
        return Finding(
            .blocked, severity, title,
            evidence(
                [index] + blockers[index], project: task.project,
                [
                    .of("unfinished_blockers", blockers[index].count), .of("overdue_blockers", late.count),
                    .of("due_date", task.dueDate), .of("status", task.status.rawValue),
                ], against: [.of("pressing_within_days", limits.horizonDays)]),
            action: unblocking(first, isLate: !late.isEmpty),
            weight: Double(late.count) + Double(dependents[index].count) / 100)
    }

    private func unblocking(_ blocker: Int, isLate: Bool) -> String {
        let doer = owner(blocker).map(Phrase.clean) ?? "somebody"
        return isLate
            ? "Have \(doer) finish \(quote(blocker)) next, or remove the dependency if it no longer holds."
            : "Plan \(quote(blocker)) before it, with \(doer), or remove the dependency."
    }
}
