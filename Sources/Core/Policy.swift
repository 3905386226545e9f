/// What a job promises about failing: how often it is tried, how long one attempt may take, how long it
/// waits.
public struct Policy: Sendable, Hashable {
    /// Attempts that may end in an error before the job is dead; crashes of the worker do not count.
    public var attempts: Int
    /// The longest one attempt may run.
    public var timeout: Duration
    public var backoff: Backoff
    /// How long after it was asked for a retry may still start; nil for as long as there are attempts.
    public var retryFor: Duration?
    /// Deliveries after which the job is not put off or tried again, whatever its attempts: it stops one that
    /// asks to run again for ever.
    public var deliveries = 10_000
    /// What holds instead for failures of a kind.
    public var rules: [Failure.Kind: Rule] = [:]

    public init(
        attempts: Int = 10, timeout: Duration = .seconds(300),
        backoff: Backoff = .exponential(first: .seconds(5), most: .seconds(3_600)),
        retryFor: Duration? = nil, rules: [Failure.Kind: Rule] = [:]
    ) {
        self.attempts = attempts
        self.timeout = timeout
        self.backoff = backoff
        self.retryFor = retryFor
        self.rules = rules
    }

    /// What holds for failures of one kind in place of the policy's own attempts and backoff.
    public struct Rule: Sendable, Hashable {
        /// The attempt that is the last one when it ends in such a failure; nil for the policy's.
        public var attempts: Int?
        public var backoff: Backoff?

        public init(attempts: Int? = nil, backoff: Backoff? = nil) {
            self.attempts = attempts
            self.backoff = backoff
        }

        /// Such a failure is the last one.
        public static let never = Rule(attempts: 0)
        /// Such a failure is tried again whatever the attempts, up to the job's deadline and `deliveries`.
        public static let always = Rule(attempts: .max)
    }

    /// What is known of an attempt that has ended.
    public struct Attempt: Sendable, Hashable {
        /// Counted from 1.
        public var number: Int
        /// The number of its delivery, from 1.
        public var delivery = 1
        /// When it ended.
        public var ended: Moment

        public init(number: Int, delivery: Int = 1, ended: Moment = .now) {
            self.number = number
            self.delivery = delivery
            self.ended = ended
        }
    }

    /// What becomes of a job after an attempt ended in `failure`.
    ///
    /// A number of attempts that the request set replaces the policy's, and bounds that of a rule.
    public func verdict(after failure: Failure, _ attempt: Attempt, of job: Envelope) -> Verdict {
        guard !failure.isPermanent else { return .dead(failure) }
        let rule = rules[failure.kind]
        guard rule != nil || failure.isWorthRetrying else { return .dead(failure) }
        let most = rule?.attempts.map { min($0, job.attempts ?? .max) } ?? job.attempts ?? attempts
        guard attempt.number < most else { return .dead(failure) }
        let backoff = rule?.backoff ?? backoff
        let pause = max(
            backoff.pause(after: attempt.number, seed: job.id.seed),
            min(failure.retryAfter ?? .zero, Backoff.pauseLimit))
        if let end = end(for: job), attempt.ended + pause > end {
            return .dead(
                failure.adding("It is not tried again: its last retry was to start by \(end.text)."))
        }
        if let obstacle = obstacle(to: pause, after: attempt, of: job) {
            return .dead(failure.adding(obstacle))
        }
        return .retry(after: pause, failure)
    }

    /// What becomes of a job that asked to run again.
    public func verdict(
        onAgain pause: Duration, counting: Counting, after attempt: Attempt, of job: Envelope
    ) -> Verdict {
        let pause = min(max(pause, .zero), Backoff.pauseLimit)
        let failure = Failure(.broken, "The job asked to run again.")
        if let obstacle = obstacle(to: pause, after: attempt, of: job) {
            return .dead(failure.adding(obstacle))
        }
        switch counting {
        case .keep: return .snooze(pause)
        case .spend where attempt.number >= job.attempts ?? attempts:
            return .dead(failure.adding("That spends an attempt, and this was the last one."))
        case .spend: return .retry(after: pause, failure.adding("That spends an attempt."))
        }
    }

    /// Why a job may not run again after such a pause, as a sentence; nil when it may.
    private func obstacle(to pause: Duration, after attempt: Attempt, of job: Envelope) -> String? {
        let start = attempt.ended + pause
        if let deadline = job.deadline, start >= deadline {
            return "It does not run again: the next attempt would start after its deadline, \(deadline.text)."
        }
        guard attempt.delivery < deliveries else {
            return "It does not run again: it was delivered \(attempt.delivery) times, which is the most."
        }
        return nil
    }

    /// When the last retry may start: as the request said, else as the policy does.
    private func end(for job: Envelope) -> Moment? { job.retryUntil ?? retryFor.map { job.created + $0 } }
}
