import Core

/// What a follow-up says where nobody wrote a text of their own.
package struct FollowUpText: Sendable {
    package let kind: FollowUpKind
    /// The task's title, or the message's subject.
    package let title: String
    /// Who is spoken to.
    package let name: String
    package let due: Moment?

    package init(kind: FollowUpKind, title: String, name: String, due: Moment?) {
        (self.kind, self.title, self.name, self.due) = (kind, title, name, due)
    }

    /// The values of the variables that a text or template of a follow-up may use.
    package var variables: [String: String] {
        ["title": title, "name": name, "due": due?.text ?? "", "kind": kind.rawValue]
    }

    package static let variableNames = ["title", "name", "due", "kind"]

    package var subject: String {
        switch kind {
        case .manual: title.isEmpty ? "A reminder" : "Reminder: \(title)"
        case .stale: "Is there news of \(title)?"
        case .due: "Due soon: \(title)"
        case .noReply: title.isEmpty ? "Any news?" : "Any news: \(title)"
        }
    }

    package var body: String {
        switch kind {
        case .manual: "This is a reminder of \(title)."
        case .stale: "Nobody has updated \(title) for a while. How does it stand?"
        case .due: "\(title) is due at \(due?.text ?? "a time that was not said")."
        case .noReply: "There was no answer to our message yet. May we hear from you?"
        }
    }
}
