/// What a job promises about failing: how often it is tried, how long one attempt may take, how long it
/// waits.
public struct Policy: Sendable, Hashable {
    /// Attempts that may end in an error before the job is dead; crashes of the worker do not count.
    public var attempts: Int
    /// The longest one attempt may run.
    public var timeout: Duration
    public var backoff: Backoff

    public init(
        attempts: Int = 10, timeout: Duration = .seconds(300),
        backoff: Backoff = .exponential(first: .seconds(5), most: .seconds(3_600))
    ) {
        self.attempts = attempts
        self.timeout = timeout
        self.backoff = backoff
    }

    /// What becomes of a job after its `attempt`-th attempt (counted from 1) ended in `failure`.
    ///
    /// - Parameters:
    ///   - limit: the job's own number of attempts, where the request named one.
    ///   - random: a number in 0..<1 that spreads the retries of jobs that failed together.
    public func verdict(after failure: Failure, attempt: Int, limit: Int? = nil, random: Double) -> Verdict {
        guard failure.isWorthRetrying else { return .dead(failure) }
        guard attempt < (limit ?? attempts) else { return .dead(failure) }
        let pause = backoff.pause(after: attempt, random: random)
        return .retry(after: max(pause, failure.retryAfter ?? .zero), failure)
    }
}

/// How long a job waits between two attempts.
public enum Backoff: Sendable, Hashable {
    /// Doubles from `first` up to `most`; a quarter of each pause is random, so that retries spread.
    case exponential(first: Duration, most: Duration)
    /// The pauses as listed; the last one repeats.
    case schedule([Duration])

    /// The pause after the `attempt`-th failed attempt (counted from 1), `random` in 0..<1.
    public func pause(after attempt: Int, random: Double) -> Duration {
        switch self {
        case .exponential(let first, let most):
            // 2^40 of any first pause is beyond every sensible limit, and the shift stays in range.
            let doubled = first * Double(UInt64(1) << UInt64(min(max(attempt, 1) - 1, 40)))
            return min(doubled, most) * (0.75 + 0.25 * random)
        case .schedule(let pauses):
            return pauses.isEmpty ? .zero : pauses[min(max(attempt, 1), pauses.count) - 1]
        }
    }
}
