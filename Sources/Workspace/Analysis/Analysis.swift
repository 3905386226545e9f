import Core

/// Looks over a workspace by rules and arithmetic alone and reports what deserves attention.
///
/// The same projects, tasks, moment, seed and thresholds give the same report, in whatever order they come.
package struct Analysis: Sendable {
    package let thresholds: Thresholds

    package init(thresholds: Thresholds = Thresholds()) { self.thresholds = thresholds }

    /// - Parameter seed: rules the draws of the forecast.
    package func report(projects: [Project], tasks: [ProjectTask], now: Moment, seed: UInt64) -> Report {
        let snapshot = Snapshot(projects: projects, tasks: tasks, now: now, limits: thresholds)
        let found = Self.findings(snapshot, seed)
        return Report(
            at: now, seed: seed, thresholds: thresholds,
            counts: Report.Counts(projects: projects, tasks: tasks, findings: found),
            findings: Self.choose(found, atMost: thresholds.listed))
    }

    private static func findings(_ snapshot: Snapshot, _ seed: UInt64) -> [Finding] {
        let circles = snapshot.circles()
        let loads = snapshot.loads()
        var found = snapshot.overdue()
        found += snapshot.blocked(except: Set(circles.joined()))
        found += snapshot.cycles(circles)
        found += snapshot.overloaded(loads)
        found += snapshot.idle(loads)
        found += snapshot.unassigned()
        found += snapshot.forecasts(seed: seed)
        found += snapshot.priorities()
        found += snapshot.stale()
        found += snapshot.duplicates()
        found.append(snapshot.throughput())
        return found
    }

    /// Sorted by kind, then the worst first, and of each kind only the first so many.
    private static func choose(_ found: [Finding], atMost limit: Int) -> [Finding] {
        let groups = Dictionary(grouping: found.enumerated(), by: \.element.kind)
        return Finding.Kind.allCases.flatMap { kind in
            let ranked = (groups[kind] ?? []).sorted { left, right in
                let (one, two) = (left.element, right.element)
                if one.isLead != two.isLead { return one.isLead }
                if one.severity != two.severity { return one.severity < two.severity }
                return one.weight == two.weight ? left.offset < right.offset : one.weight > two.weight
            }
            return ranked.prefix(limit).map(\.element)
        }
    }
}
