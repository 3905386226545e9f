import Core
import Foundation
import Store

/// A field that a ticket and a task share: what its values here and there have to do with each other.
package enum TicketField: String, Sendable, CaseIterable {
    case title, status, priority

    /// True when the two say the same, so that neither has to be changed.
    package func matches(_ here: String, _ there: String) -> Bool {
        switch self {
        case .title: here == self.here(there) || Self.trimmed(here) == Self.trimmed(there)
        case .status: Self.statuses[here]?.contains(there) ?? false
        case .priority: here == self.here(there)
        }
    }

    /// What a value there is here.
    package func here(_ there: String) -> String {
        switch self {
        case .title: Self.title(there)
        case .status:
            switch there {
            case "new": "todo"
            case "solved", "closed": "done"
            default: "in_progress"
            }
        case .priority:
            switch there {
            case "low": "low"
            case "high", "urgent": "high"
            default: "medium"
            }
        }
    }

    /// What a value here is there.
    package func there(_ here: String) -> String {
        switch self {
        case .title: Self.trimmed(here)
        case .status: here == "done" ? "solved" : "open"
        case .priority: here == "medium" ? "normal" : here
        }
    }

    /// What each status here may be there.
    private static let statuses: [String: Set<String>] = [
        "todo": ["new", "open"], "in_progress": ["open", "pending", "hold"], "done": ["solved", "closed"],
    ]

    /// Characters of a title.
    private static let most = 500

    private static func title(_ subject: String) -> String {
        let text = trimmed(plain(subject).replacing("\n", with: " "))
        return text.isEmpty ? "(no subject)" : cut(text, to: most)
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The text without control characters other than newline and tab.
    static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            if !isControl || scalar == "\n" || scalar == "\t" { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// The first `most` characters.
    static func cut(_ text: String, to most: Int) -> String {
        guard text.unicodeScalars.count > most else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(most - 1))) + "…"
    }
}
