import Core

/// Something worth doing that follows from an analysis by rule, with what it rests on.
package struct Suggestion: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Somebody is to be asked how a task stands.
        case followUp = "follow_up"
        /// A task deserves another priority.
        case priority
        /// A task needs another date, or any.
        case time
    }

    /// The most that are made of one analysis.
    package static let most = 60

    package let kind: Kind
    package let task: ID
    package let title: String
    package let reason: String
    package let severity: Finding.Severity
    package let evidence: Evidence
    /// What a task would be changed to; empty for a follow-up.
    package let change: [JSON.Member]

    /// The same as long as the reason lasts.
    package var id: String { "\(kind.rawValue)-\(task)" }

    package var json: JSON {
        [
            "id": .string(id), "kind": JSON(kind), "task_id": JSON(task), "title": .string(title),
            "reason": .string(reason), "severity": JSON(severity), "change": .object(change),
            "evidence": evidence.json,
        ]
    }
}

extension Report {
    /// What follows from the findings, the worst first, one of a kind for a task.
    package var suggestions: [Suggestion] {
        var seen: Set<String> = []
        let all = findings.compactMap { $0.suggestion(at: at) }.filter { seen.insert($0.id).inserted }
        let ranked = all.enumerated().sorted {
            ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset)
        }
        return Array(ranked.map(\.element).prefix(Suggestion.most))
    }
}

extension Finding {
    fileprivate func suggestion(at now: Moment) -> Suggestion? {
        guard let task = evidence.tasks.first, evidence.taskCount > 0 else { return nil }
        switch kind {
        case .stale, .blocked: return made(.followUp, task, "Ask how \(Phrase.quote(task.title)) stands.")
        case .overdue: return evidence.number("due_date") == nil ? nil : postponed(task, now)
        case .priority:
            guard let wanted = evidence.number("suggested")?.string else { return nil }
            return made(
                .priority, task, "Give \(Phrase.quote(task.title)) \(wanted) priority.",
                [.init("priority", .string(wanted))])
        default: return nil
        }
    }

    /// A week from today: near enough to matter, and on the same day.
    private func postponed(_ task: Evidence.Reference, _ now: Moment) -> Suggestion {
        let date = now + .seconds(7 * 86_400)
        return made(
            .time, task,
            "Agree on a new date for \(Phrase.quote(task.title)), such as \(Phrase.day(date)).",
            [.init("due_date", .string(Phrase.day(date) + "T17:00:00.000Z"))])
    }

    private func made(
        _ kind: Suggestion.Kind, _ task: Evidence.Reference, _ title: String, _ change: [JSON.Member] = []
    ) -> Suggestion {
        Suggestion(
            kind: kind, task: task.id, title: title, reason: "\(self.title) \(action)", severity: severity,
            evidence: evidence, change: change)
    }
}

extension Evidence {
    fileprivate func number(_ name: String) -> JSON? {
        let value = numbers.last { $0.name == name }?.value
        return value == .null ? nil : value
    }
}
