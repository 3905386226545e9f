import Core

/// Which notifications go somewhere: those of these kinds, from an urgency on.
package struct Selection: Sendable, Hashable {
    /// Such as `budget_alert`, or `event_*` for all that begin so; empty for every kind.
    package let kinds: [String]
    package let least: Urgency

    package init(kinds: [String] = [], least: Urgency = .info) {
        (self.kinds, self.least) = (kinds, least)
    }

    /// What the fields `kinds` and `min_level` of a row say.
    package init(_ values: Values) {
        kinds = values.texts("kinds")
        least = values.text("min_level").flatMap { Urgency(rawValue: $0) } ?? .info
    }

    package func takes(_ kind: String, _ level: Urgency) -> Bool {
        guard level >= least else { return false }
        return kinds.isEmpty
            || kinds.contains { pattern in
                pattern.hasSuffix("*") ? kind.hasPrefix(pattern.dropLast()) : kind == pattern
            }
    }

    /// The fields of a noun whose rows select notifications.
    static let fields = [
        Field("kinds", .texts(1...50, most: 30)).or([])
            .about("Only notifications of these kinds, such as budget_alert or event_*; all when empty."),
        Field("min_level", .word(Urgency.allCases.map(\.rawValue))).or("info")
            .about("Only notifications of this level or a higher one."),
    ]
}
