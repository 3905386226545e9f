import Core

/// The part of a workspace whose end is forecast: one project, or all of it.
private struct Scope {
    let project: Project?
    let open: [Int]
    let done: [Moment]
    /// When its first task was written down or finished.
    let began: Moment

    var name: String { project.map { "The project \(Phrase.quote($0.name))" } ?? "The whole workspace" }
}

extension Snapshot {
    /// When the open work may be done, for the whole and for each active project that has some.
    func forecasts(seed: UInt64) -> [Finding] {
        scopes().map { scope in
            let history = WeeklyCounts(scope.done, now: now, weeks: weeks(since: scope.began))
            let isEnough = history.total >= limits.leastCompleted && history.counts.count >= limits.leastWeeks
            return isEnough ? forecast(scope, history, seed) : unknown(scope, history)
        }
    }

    private func scopes() -> [Scope] {
        var members: [ID: [Int]] = [:]
        for index in tasks.indices {
            if let project = tasks[index].project { members[project, default: []].append(index) }
        }
        let each = projects.values.filter { $0.status == .active }.compactMap { project in
            scope(project, members[project.id] ?? [])
        }
        let chosen = each.sorted { precedes($0, $1) }.prefix(limits.forecasts)
        return [scope(nil, Array(tasks.indices))].compactMap(\.self) + chosen
    }

    private func precedes(_ left: Scope, _ right: Scope) -> Bool {
        let (one, two) = (left.project, right.project)
        let dates = (one?.deadline?.microseconds ?? .max, two?.deadline?.microseconds ?? .max)
        guard dates.0 == dates.1 else { return dates.0 < dates.1 }
        guard left.open.count == right.open.count else { return left.open.count > right.open.count }
        return (one?.id).map { id in two.map { id < $0.id } ?? false } ?? false
    }

    private func scope(_ project: Project?, _ members: [Int]) -> Scope? {
        // What is on hold is not coming, so the whole is what `open` holds.
        let open = project == nil ? open : members.filter { tasks[$0].status != .done }
        guard !open.isEmpty else { return nil }
        let began = members.map { min(tasks[$0].createdAt, tasks[$0].completedAt ?? now) }.min() ?? now
        return Scope(
            project: project, open: open, done: members.compactMap { tasks[$0].completedAt }, began: began)
    }

    /// Weeks before the beginning say nothing about the pace.
    private func weeks(since began: Moment) -> Int {
        min(limits.weeks, max(1, (days(from: began, to: now) + 6) / 7))
    }

    private func forecast(_ scope: Scope, _ history: WeeklyCounts, _ seed: UInt64) -> Finding {
        let own = scope.project.map { $0.id.high ^ $0.id.low } ?? 0
        let trials = Trials(
            remaining: scope.open.count, history: history.counts, runs: limits.trials,
            limit: limits.forecastWeeks, seed: seed ^ own)
        let dates = [0.5, 0.85, 0.95].map { date(trials, $0) }
        let (severity, odds) = judge(trials, scope.project?.deadline)
        return Finding(
            .forecast, severity, sentence(scope, dates, odds),
            forecastEvidence(scope, history, state: "forecast") {
                [
                    .of("p50", dates[0]), .of("p85", dates[1]), .of("p95", dates[2]),
                    .of("deadline", scope.project?.deadline), .of("on_time_share", odds),
                    .of("trials", limits.trials),
                ]
            }, action: advice(severity, odds), weight: scope.project == nil ? .infinity : 1 - (odds ?? 1))
    }

    private func unknown(_ scope: Scope, _ history: WeeklyCounts) -> Finding {
        let weeks = history.counts.count
        return Finding(
            .forecast, .info,
            "\(scope.name) cannot be forecast: \(Phrase.count(history.total, "task")) finished in "
                + "\(Phrase.count(weeks, "week")), where \(limits.leastCompleted) in \(limits.leastWeeks) "
                + "are the least to go by.",
            forecastEvidence(scope, history, state: "insufficient_data") {
                [.of("deadline", scope.project?.deadline)]
            }, action: "Record completion dates; the forecast comes by itself.",
            weight: scope.project == nil ? .infinity : 0)
    }

    private func forecastEvidence(
        _ scope: Scope, _ history: WeeklyCounts, state: String, _ more: () -> [JSON.Member]
    ) -> Evidence {
        evidence(
            scope.open, project: scope.project?.id,
            [
                .of("state", state), .of("open_tasks", scope.open.count), .of("finished", history.total),
                JSON.Member("done_per_week", history.json),
            ] + more(),
            against: [
                .of("least_finished", limits.leastCompleted), .of("least_weeks", limits.leastWeeks),
                .of("horizon_weeks", limits.forecastWeeks),
            ])
    }

    private func date(_ trials: Trials, _ share: Double) -> Moment? {
        guard let weeks = Percentile.of(trials.weeks, share), weeks.isFinite else { return nil }
        return now + .seconds(Int64(weeks * 7 * 86_400))
    }

    /// How bad it is, and the share of runs that meet the deadline when there is one.
    private func judge(_ trials: Trials, _ deadline: Moment?) -> (Finding.Severity, Double?) {
        guard let deadline else { return (.info, nil) }
        let odds = trials.share(within: (deadline - now).seconds / (7 * 86_400))
        return (odds < 0.5 ? .critical : odds < 0.85 ? .warning : .info, odds)
    }

    private func sentence(_ scope: Scope, _ dates: [Moment?], _ odds: Double?) -> String {
        let words = dates.map { $0.map(Phrase.day) ?? "no date within \(limits.forecastWeeks) weeks" }
        let left = Phrase.count(scope.open.count, "open task")
        let text =
            "\(scope.name) (\(left)) is done by \(words[0]) in half of \(limits.trials) simulated "
            + "runs, by \(words[1]) in 85 % and by \(words[2]) in 95 %"
        guard let odds, let deadline = scope.project?.deadline else { return text + "." }
        return text
            + "; the deadline \(Phrase.day(deadline)) is met in \(Int((odds * 100).rounded(.down))) %."
    }

    private func advice(_ severity: Finding.Severity, _ odds: Double?) -> String {
        switch severity {
        case .critical:
            "Cut scope or move the deadline now; at the present pace it is more likely missed than met."
        case .warning: "Cut some scope, or tell those who wait that the date is not safe."
        case .info:
            odds == nil
                ? "Promise the 85 % date; it assumes the pace stays and no task is added."
                : "Keep the pace; the date is safe if no task is added."
        }
    }
}
