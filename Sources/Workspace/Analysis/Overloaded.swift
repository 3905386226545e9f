import Core

extension Snapshot {
    /// People with more work than time, by hours left in open tasks.
    func overloaded(_ loads: [Load]) -> [Finding] { loads.compactMap(overloaded) }

    private func overloaded(_ load: Load) -> Finding? {
        let backlog = limits.capacityHours * limits.backlogWeeks
        let isDueTooMuch = load.dueHours > horizonHours
        guard isDueTooMuch || load.openHours > backlog else { return nil }
        let largest = heaviest(
            isDueTooMuch ? load.tasks.filter { isDue($0, withinDays: limits.horizonDays) } : load.tasks)
        return Finding(
            .overloaded, load.dueHours > 1.5 * horizonHours ? .critical : .warning,
            isDueTooMuch ? dueSentence(load) : backlogSentence(load, backlog),
            evidence(
                largest, numbers(of: load),
                against: [
                    .of("capacity_hours_per_week", limits.capacityHours),
                    .of("horizon_days", limits.horizonDays),
                    .of("horizon_capacity_hours", horizonHours), .of("backlog_hours", backlog),
                ]),
            action: "Hand over or move part of it, the largest first: "
                + Phrase.list(largest.map(quote)) + ".",
            weight: load.dueHours + load.openHours / 1_000)
    }

    private func dueSentence(_ load: Load) -> String {
        "\(load.person) has \(Phrase.hours(load.dueHours)) of work due within \(limits.horizonDays) days and "
            + "\(Phrase.hours(horizonHours)) to do it in."
    }

    private func backlogSentence(_ load: Load, _ backlog: Double) -> String {
        "\(load.person) has \(Phrase.hours(load.openHours)) of open work, more than \(Phrase.hours(backlog)) "
            + "(\(Phrase.hours(limits.capacityHours)) a week for \(Int(limits.backlogWeeks)) weeks)."
    }
}
