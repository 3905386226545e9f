import Core

/// What an analysis found, ready to be shown as JSON, plain text or HTML.
package struct Report: Sendable, Hashable {
    /// How much was looked at and how much was found, listed or not.
    package struct Counts: Sendable, Hashable {
        package let projects: Int
        package let tasks: [ProjectTask.Status: Int]
        package let severities: [Finding.Severity: Int]
        package let kinds: [Finding.Kind: Int]

        init(projects: [Project], tasks: [ProjectTask], findings: [Finding]) {
            self.projects = projects.count
            self.tasks = Self.count(tasks.lazy.map(\.status))
            severities = Self.count(findings.lazy.map(\.severity))
            kinds = Self.count(findings.lazy.map(\.kind))
        }

        private static func count<Value: Hashable>(_ values: some Sequence<Value>) -> [Value: Int] {
            values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// Says how the sentences came about.
    package static let provenance =
        "Every sentence here was computed from the workspace's own data; no language model wrote any of it."

    package let at: Moment
    package let seed: UInt64
    package let thresholds: Thresholds
    package let counts: Counts
    /// By kind, then the worst first; of each kind at most `thresholds.listed`.
    package let findings: [Finding]

    init(at: Moment, seed: UInt64, thresholds: Thresholds, counts: Counts, findings: [Finding]) {
        self.at = at
        self.seed = seed
        self.thresholds = thresholds
        self.counts = counts
        self.findings = findings
    }

    /// The findings of one kind, the worst first.
    package func findings(_ kind: Finding.Kind) -> [Finding] { findings.filter { $0.kind == kind } }

    /// Such as "7 critical, 12 warnings, 5 notes".
    package var headline: String {
        let severities = counts.severities
        return
            "\(severities[.critical] ?? 0) critical, \(Phrase.count(severities[.warning] ?? 0, "warning")), "
            + Phrase.count(severities[.info] ?? 0, "note")
    }

    /// The worst findings of all kinds, for whoever reads only a few lines.
    package func worst(_ limit: Int) -> [Finding] {
        // Of each kind one, then the next of each, so that one kind cannot fill the list.
        let ranked = Dictionary(grouping: findings.filter { $0.severity == .critical }, by: \.kind)
        let rounds = ranked.values.map(\.count).max() ?? 0
        let mixed = (0..<rounds).flatMap { round in
            Finding.Kind.allCases.compactMap { ranked[$0]?.dropFirst(round).first }
        }
        return Array(mixed.prefix(limit))
    }
}

extension Finding.Kind {
    /// The heading over findings of this kind.
    var heading: String {
        switch self {
        case .overdue: "Overdue"
        case .blocked: "Blocked"
        case .cycle: "Waiting in a circle"
        case .overloaded: "Too much work"
        case .unassigned: "Without an owner"
        case .forecast: "Forecast"
        case .priority: "Priorities worth changing"
        case .stale: "Stale"
        case .duplicate: "Possible duplicates"
        case .idle: "Room for more"
        case .throughput: "Pace"
        }
    }
}
