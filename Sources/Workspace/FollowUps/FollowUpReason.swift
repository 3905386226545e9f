import Core

/// Why a follow-up is there, and whether that still holds.
package struct FollowUpReason: Sendable {
    /// What is known of the task that it asks about.
    package struct Subject: Sendable, Hashable {
        package let isDone: Bool
        package let updatedAt: Moment
        package let due: Moment?

        package init(isDone: Bool, updatedAt: Moment, due: Moment?) {
            (self.isDone, self.updatedAt, self.due) = (isDone, updatedAt, due)
        }
    }

    package let kind: FollowUpKind
    /// True where it asks about a task.
    package let hasTask: Bool
    /// When the task was changed last, for a stale one, or is due: as it was when the follow-up was made.
    package let basis: Moment?

    package init(kind: FollowUpKind, hasTask: Bool, basis: Moment?) {
        (self.kind, self.hasTask, self.basis) = (kind, hasTask, basis)
    }

    /// Why there is nothing to ask any more, as a sentence; nil while there is.
    ///
    /// - Parameters:
    ///   - task: the task as it is now; nil when it is gone.
    ///   - isAnswered: true when a reply came.
    package func end(task: Subject?, isAnswered: Bool) -> String? {
        if isAnswered { return "A reply came." }
        guard hasTask else { return nil }
        guard let task else { return "The task was deleted." }
        if task.isDone { return "The task is done." }
        switch kind {
        case .stale where task.updatedAt != basis: return "The task was updated."
        case .due where task.due != basis: return "The due date was changed."
        case .manual, .stale, .due, .noReply: return nil
        }
    }
}
