import Core

/// What is set for a key, or for a family of keys (`tenant:*`): how many run at once, how many start in a
/// window, when failures open its breaker.
///
/// A key may be free (`provider:twilio`, `tenant:acme`), and then counts for jobs that name it, or stand for
/// all jobs of a queue (`queue:mail`), of a name (`job:send_email`) or of a workspace (`workspace:…`).
public struct Limit: Sendable, Hashable {
    /// How many units may be taken in a window of time.
    public struct Rate: Sendable, Hashable {
        public var units: Int
        public var period: Duration
        /// With a burst the limit is a leaky bucket (GCRA): up to so many units at once, then evenly spread.
        /// Without one it is a sliding window: in no stretch of `period` more than `units`.
        public var burst: Int?

        public init(_ units: Int, per period: Duration, burst: Int? = nil) {
            self.units = units
            self.period = period
            self.burst = burst
        }
    }

    /// Stops calls to what fails, and probes whether it works again.
    public struct Breaker: Sendable, Hashable {
        /// Failures within `window` that open it.
        public var failures: Int
        public var window: Duration
        /// How long it lets nothing through.
        public var pause: Duration
        /// How many go through then, in all processes together; it closes when so many have worked.
        public var probes: Int

        public init(
            failures: Int, window: Duration = .seconds(60), pause: Duration = .seconds(30), probes: Int = 1
        ) {
            self.failures = failures
            self.window = window
            self.pause = pause
            self.probes = probes
        }
    }

    /// Jobs that run at the same time.
    public var concurrency: Int?
    public var rate: Rate?
    public var breaker: Breaker?
    /// Jobs that may wait: in one group for a free key, not ended in all for a queue.
    public var waiting: Int?
    /// What becomes of jobs that say nothing else when it is full.
    public var overflow = Overflow.queue

    public init(
        concurrency: Int? = nil, rate: Rate? = nil, breaker: Breaker? = nil, waiting: Int? = nil,
        overflow: Overflow = .queue
    ) {
        self.concurrency = concurrency
        self.rate = rate
        self.breaker = breaker
        self.waiting = waiting
        self.overflow = overflow
    }

    private static let overflows: [Overflow] = [.reject, .dropNew, .bufferOne, .supersede, .terminate]

    /// Letters with numbers, as the scripts read them.
    var text: String {
        var parts: [String] = []
        func add(_ letter: String, _ number: Int64?) {
            if let number { parts.append("\(letter)=\(number)") }
        }
        add("c", concurrency.map(Int64.init))
        add("n", rate.map { Int64($0.units) })
        add("p", rate?.period.milliseconds)
        add("b", rate?.burst.map(Int64.init))
        add("f", breaker.map { Int64($0.failures) })
        add("w", breaker?.window.milliseconds)
        add("o", breaker?.pause.milliseconds)
        add("k", breaker.map { Int64($0.probes) })
        add("m", waiting.map(Int64.init))
        add("v", Self.overflows.firstIndex(of: overflow).map { Int64($0 + 1) })
        return parts.joined(separator: " ")
    }

    /// The limit that `text` writes.
    init(text: String) {
        var numbers: [Substring: Int64] = [:]
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=")
            if pair.count == 2 { numbers[pair[0]] = Int64(pair[1]) }
        }
        func number(_ letter: Substring) -> Int? { numbers[letter].map { Int($0) } }
        func time(_ letter: Substring) -> Duration { .milliseconds(numbers[letter] ?? 0) }
        concurrency = number("c")
        rate = number("n").map { Rate($0, per: time("p"), burst: number("b")) }
        breaker = number("f").map {
            Breaker(failures: $0, window: time("w"), pause: time("o"), probes: number("k") ?? 1)
        }
        waiting = number("m")
        overflow = number("v").map { Self.overflows[$0 - 1] } ?? .queue
    }
}

/// Why a queue, a name or a key gives out no jobs, and until when.
public struct Pause: Sendable, Hashable {
    public var by: String
    public var reason: String
    public var since: Moment
    /// Nil until it is resumed.
    public var until: Moment?

    public init(by: String, reason: String, since: Moment = .now, until: Moment? = nil) {
        self.by = by
        self.reason = reason
        self.since = since
        self.until = until
    }

    var text: String {
        let about: JSON = [
            "by": .string(by), "reason": .string(reason), "since": .integer(since.milliseconds),
        ]
        return "\(until.map { max(1, $0.milliseconds) } ?? 0) \(about.text)"
    }

    init?(text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let until = Int64(parts[0]),
            let about = try? JSONParser.parse(Array(parts[1].utf8))
        else { return nil }
        self.init(
            by: about["by"]?.string ?? "", reason: about["reason"]?.string ?? "",
            since: Moment(milliseconds: about["since"]?.integer ?? 0),
            until: until == 0 ? nil : Moment(milliseconds: until))
    }
}
