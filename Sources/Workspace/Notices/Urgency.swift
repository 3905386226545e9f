/// How much a notification matters.
package enum Urgency: String, Sendable, Hashable, CaseIterable, Comparable {
    case info, warning
    /// It rings in quiet hours too.
    case urgent

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .urgent: 2
        }
    }

    package static func < (left: Urgency, right: Urgency) -> Bool { left.rank < right.rank }
}
