import Core

/// One thing an analysis noticed, what it rests on, and what to do about it.
package struct Finding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case overdue, blocked, cycle, overloaded, unassigned, forecast, priority, stale, duplicate, idle,
            throughput
    }

    package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        case critical, warning, info

        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .critical: 0
            case .warning: 1
            case .info: 2
            }
        }
    }

    package let kind: Kind
    package let severity: Severity
    /// A whole sentence.
    package let title: String
    package let evidence: Evidence
    /// What to do, in a sentence.
    package let action: String
    /// Puts findings of one kind and severity in order, the heaviest first.
    let weight: Double

    /// True for a finding that comes first among its kind, however bad the others are.
    var isLead: Bool { weight == .infinity }

    init(
        _ kind: Kind, _ severity: Severity, _ title: String, _ evidence: Evidence, action: String,
        weight: Double = 0
    ) {
        self.kind = kind
        self.severity = severity
        self.title = title
        self.evidence = evidence
        self.action = action
        self.weight = weight
    }
}

/// What a finding rests on: the tasks, the numbers measured and the thresholds they were held against.
package struct Evidence: Sendable, Hashable {
    /// A task by its id, with its title for the reader.
    package struct Reference: Sendable, Hashable {
        package let id: ID
        package let title: String
    }

    package let project: ID?
    /// The first of the tasks.
    package let tasks: [Reference]
    /// How many tasks there are, listed or not.
    package let taskCount: Int
    package let numbers: [JSON.Member]
    package let thresholds: [JSON.Member]

    package var json: JSON {
        [
            "project": project.map { .string($0.text) } ?? .null,
            "tasks": .array(tasks.map { ["id": .string($0.id.text), "title": .string($0.title)] }),
            "task_count": .integer(Int64(taskCount)),
            "numbers": .object(numbers),
            "thresholds": .object(thresholds),
        ]
    }
}

extension JSON.Member {
    static func of(_ name: String, _ number: Int) -> JSON.Member {
        JSON.Member(name, .integer(Int64(number)))
    }

    /// Rounded to two places: more would claim a precision that is not there.
    static func of(_ name: String, _ number: Double?) -> JSON.Member {
        JSON.Member(name, number.map { .double(($0 * 100).rounded() / 100) } ?? .null)
    }

    static func of(_ name: String, _ text: String?) -> JSON.Member {
        JSON.Member(name, text.map(JSON.string) ?? .null)
    }

    static func of(_ name: String, _ moment: Moment?) -> JSON.Member { of(name, moment?.text) }
}
