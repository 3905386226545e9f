/// How one attempt ended. Every attempt yields exactly one, and one script carries it out.
public enum Verdict: Sendable {
    /// It worked; the result is JSON text, kept for the retention.
    case done(JSON?)
    /// It failed and is tried again after the pause.
    case retry(after: Duration, Failure)
    /// It asked to run again later; no attempt is spent.
    case snooze(Duration)
    /// It failed for the last time and lies among the dead letters.
    case dead(Failure)
    /// Somebody cancelled it while it ran.
    case cancelled(reason: String)
    /// It was not to start after a moment that has passed.
    case expired
    /// This worker does not know its name; it is kept for one that does.
    case parked
    /// This worker stops before it finished; it goes back to the front and no attempt is spent.
    case released
}

/// What a job's `run` answers when it does not throw.
public enum Outcome: Sendable {
    case done
    /// Done, with a result that callers may read while it is retained.
    case result(JSON)
    /// Run again after the pause.
    case again(after: Duration, counting: Counting = .keep)
    /// It cannot work, ever; the reason is shown beside the dead job.
    case giveUp(String)
}

/// What running again by its own wish does to the attempts of a job.
public enum Counting: Sendable, Hashable, CaseIterable {
    /// No attempt is spent.
    case keep
    /// It counts as a failed attempt; after the last one the job is dead.
    case spend
}
