/// A lock that a job holds so that no equal one is enqueued beside it.
public struct Unique: Sendable, Hashable {
    /// When the job gives its lock back. It is always given back in the same step that ends the job.
    public enum Until: String, Sendable, CaseIterable, Codable {
        /// When it first starts.
        case start
        /// When it has worked, was cancelled or has expired; a dead letter keeps its lock.
        case success
        /// When it has ended in any way.
        case end
        /// Only when the lifetime of the lock runs out, whatever became of the job.
        case lifetime
    }

    /// What becomes of an equal job that comes while the lock is held.
    public enum Conflict: String, Sendable, CaseIterable, Codable {
        /// It is refused, naming the holder.
        case reject
        /// Its caller gets the holder instead.
        case returnExisting = "return_existing"
        /// It takes the place of the holder, which is cancelled if it has not started; else it is refused.
        case replace
        /// The holder gets its time instead, if it has not started; its caller gets the holder.
        case reschedule
    }

    /// See `Flow.isKey`.
    public let key: String
    public let until: Until
    /// How long the lock is held at most.
    public let lifetime: Duration?
    public let conflict: Conflict
    /// For jobs that replace each other: how long after the first of them the last one may run at the latest.
    public let maximumWait: Duration?

    public init(
        _ key: String, until: Until = .end, lifetime: Duration? = nil, conflict: Conflict = .reject,
        maximumWait: Duration? = nil
    ) {
        self.key = key
        self.until = until
        self.lifetime = lifetime
        self.conflict = conflict
        self.maximumWait = maximumWait
    }

    /// The text in the envelope: `key;until;lifetime_ms;conflict;maximum_wait_ms`.
    var text: String {
        [
            key, until.rawValue, String(lifetime?.milliseconds ?? 0), conflict.rawValue,
            String(maximumWait?.milliseconds ?? 0),
        ].joined(separator: ";")
    }

    /// The lock that `text` writes; nil where it is damaged.
    init?(_ text: String) {
        let parts = text.split(separator: ";").map(String.init)
        guard parts.count == 5, let until = Until(rawValue: parts[1]), let lifetime = Int64(parts[2]),
            let conflict = Conflict(rawValue: parts[3]), let wait = Int64(parts[4])
        else { return nil }
        self.init(
            parts[0], until: until, lifetime: lifetime > 0 ? .milliseconds(lifetime) : nil,
            conflict: conflict, maximumWait: wait > 0 ? .milliseconds(wait) : nil)
    }
}
