import Core

extension Snapshot {
    /// Open tasks without an owner, as one finding with the most urgent first.
    func unassigned() -> [Finding] {
        let unowned = open.filter { owner($0) == nil }.sorted { urgency($0) < urgency($1) }
        guard let first = unowned.first else { return [] }
        let due = unowned.filter { isDue($0, withinDays: limits.horizonDays) }
        let high = unowned.filter { tasks[$0].priority == .high }
        let isCritical = high.contains(where: isOverdue)
        let title =
            "\(Phrase.count(unowned.count, "open task")) \(unowned.count == 1 ? "has" : "have") no owner; "
            + "\(due.count) of them due within \(limits.horizonDays) days or overdue, "
            + "\(high.count) of high priority."
        return [
            Finding(
                .unassigned, isCritical ? .critical : due.isEmpty && high.isEmpty ? .info : .warning, title,
                evidence(
                    unowned,
                    [
                        .of("unassigned", unowned.count), .of("due_within_horizon", due.count),
                        .of("high_priority", high.count),
                        .of("estimated_hours", unowned.reduce(0) { $0 + (hoursLeft($1) ?? 0) }),
                    ], against: [.of("horizon_days", limits.horizonDays)]),
                action: "Give each an owner, beginning with \(quote(first)).")
        ]
    }

    /// Sorts what should be taken up first to the front: by due date, then priority, then id.
    func urgency(_ index: Int) -> (Int64, Int, Int) {
        let priority =
            switch tasks[index].priority {
            case .high: 0
            case .medium: 1
            case .low: 2
            }
        return (tasks[index].dueDate?.microseconds ?? .max, priority, index)
    }
}
