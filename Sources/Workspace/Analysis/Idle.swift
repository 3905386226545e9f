import Core

extension Snapshot {
    /// People with room, by hours left in open tasks; who has unestimated work is not taken for idle.
    func idle(_ loads: [Load]) -> [Finding] {
        let unowned = open.filter { owner($0) == nil }
        let next = unowned.min { urgency($0) < urgency($1) }
        return loads.compactMap { idle($0, next: next) }
    }

    private func idle(_ load: Load, next: Int?) -> Finding? {
        guard load.withoutEstimate == 0, load.openHours < limits.idleShare * horizonHours else { return nil }
        let title =
            load.tasks.isEmpty
            ? "\(load.person) has no open task."
            : "\(load.person) has only \(Phrase.hours(load.openHours)) of open work."
        return Finding(
            .idle, .info, title,
            evidence(
                load.tasks, numbers(of: load),
                against: [
                    .of("idle_below_hours", limits.idleShare * horizonHours),
                    .of("horizon_days", limits.horizonDays),
                ]),
            action: next.map { "Offer \(load.person) \(quote($0)), which has no owner." }
                ?? "Offer \(load.person) work of somebody who has too much.",
            weight: horizonHours - load.openHours)
    }
}
