/// What a follow-up asks about.
package enum FollowUpKind: String, Sendable, Hashable, CaseIterable {
    /// What somebody planned by hand.
    case manual
    /// A task that nobody has changed for a while.
    case stale
    /// A task that is due soon.
    case due
    /// A message that nobody has answered.
    case noReply = "no_reply"
}

/// How far a follow-up is.
package enum FollowUpStatus: String, Sendable, Hashable, CaseIterable {
    case scheduled, sent
    /// Sent again, to the next person or by the next channel.
    case escalated
    /// Somebody replied, or did what it asked for.
    case answered
    /// Its reason was gone before it was sent, or somebody took it back.
    case cancelled
    case failed

    /// True while it may still be sent or answered.
    package var isOpen: Bool { self == .scheduled || wasSent }
    /// True while somebody is to answer it.
    package var wasSent: Bool { self == .sent || self == .escalated }
}
