import Core

/// What a team finished lately and how long it took.
///
/// Cycle time would need the moment work began, which tasks do not keep; hours spent stand in for it.
private struct Pace {
    /// The later half of the weeks brought at most this share of the earlier, which had at least so many.
    static let fallingShare = 0.6
    static let fallingLeast = 8
    /// So many tasks were added for each one done.
    static let growingShare = 1.5

    let done: WeeklyCounts
    let made: WeeklyCounts
    /// Days from creation to completion, sorted.
    let leadDays: [Double]
    /// Sorted.
    let hoursSpent: [Double]

    init(_ snapshot: Snapshot) {
        let (tasks, now, weeks) = (snapshot.tasks, snapshot.now, snapshot.limits.weeks)
        done = WeeklyCounts(tasks.lazy.compactMap(\.completedAt), now: now, weeks: weeks)
        made = WeeklyCounts(tasks.lazy.map(\.createdAt), now: now, weeks: weeks)
        let since = now + .seconds(-weeks * 7 * 86_400)
        let finished = tasks.filter { $0.completedAt.map { $0 > since && $0 <= now } ?? false }
        hoursSpent = finished.compactMap(\.timeSpent).sorted()
        leadDays = finished.compactMap { task in
            task.completedAt.map { max(($0 - task.createdAt).seconds / 86_400, 0) }
        }.sorted()
    }

    var isFalling: Bool {
        done.halves.before >= Self.fallingLeast
            && Double(done.halves.lately) <= Self.fallingShare * Double(done.halves.before)
    }

    var isGrowing: Bool { done.total > 0 && Double(made.total) > Self.growingShare * Double(done.total) }

    var sentence: String {
        let weeks = Phrase.count(done.counts.count, "week")
        guard done.total > 0 else { return "No task was finished in the last \(weeks)." }
        var text = "The team finished \(Phrase.count(done.total, "task")) in the last \(weeks)"
        if let middle = Percentile.of(leadDays, 0.5), let slow = Percentile.of(leadDays, 0.85) {
            text +=
                ", half of them within \(Phrase.days(Int(middle.rounded()))) of being written down and "
                + "85 % within \(Phrase.days(Int(slow.rounded())))"
        }
        let halves = done.halves
        if isFalling { text += "; the pace fell from \(halves.before) to \(halves.lately) in half that time" }
        if isGrowing { text += "; \(made.total) were added" }
        return text + "."
    }

    var action: String {
        if isFalling {
            return "Find out what changed: fewer people, larger tasks, or too much begun at once."
        }
        if isGrowing { return "Say no to some of the new work, or close what will never be done." }
        return "Use the weekly figures, not estimates, when you promise dates."
    }

    var numbers: [JSON.Member] {
        [
            JSON.Member("done_per_week", done.json), JSON.Member("created_per_week", made.json),
            .of("done_per_week_mean", done.mean),
            .of("lead_days_p50", Percentile.of(leadDays, 0.5)),
            .of("lead_days_p85", Percentile.of(leadDays, 0.85)),
            .of("hours_spent_p50", Percentile.of(hoursSpent, 0.5)),
            .of("hours_spent_p85", Percentile.of(hoursSpent, 0.85)),
        ]
    }
}

extension Snapshot {
    /// What was finished lately, how long it took, and whether that is changing; always one finding.
    func throughput() -> Finding {
        let pace = Pace(self)
        let undated = tasks.count { $0.status == .done && $0.completedAt == nil }
        return Finding(
            .throughput, pace.isFalling || pace.isGrowing ? .warning : .info, pace.sentence,
            evidence(
                [], pace.numbers + [.of("done_without_date", undated)],
                against: [
                    .of("weeks", limits.weeks), .of("falling_at_share", Pace.fallingShare),
                    .of("falling_least_done", Pace.fallingLeast), .of("growing_at_share", Pace.growingShare),
                ]),
            action: pace.action)
    }
}
