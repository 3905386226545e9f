import Core

/// Every key of one queue, and its Redis type. No other file spells a key.
///
/// All keys of a queue carry its name in braces, so that Redis Cluster keeps them in one slot.
public struct Keys: Sendable {
    private let base: String

    /// - Parameters:
    ///   - prefix: what sets this installation's keys apart in a shared Redis.
    ///   - queue: the queue's name.
    init(prefix: String, queue: String) {
        base = "\(prefix):{\(queue)}:"
        let base = base
        ready = Envelope.Level.allCases.map { "\(base)ready:\($0.rawValue)" }
    }

    /// LIST of deliveries waiting, one list a level, claimed from the right. A job's end takes it out.
    let ready: [String]
    /// LIST of deliveries whose workers died twice; they are claimed one at a time.
    var suspects: String { base + "suspects" }
    /// HASH id -> envelope of every job that has not ended.
    var jobs: String { base + "jobs" }
    /// ZSET delivery -> deadline in ms: what is running.
    var leases: String { base + "leases" }
    /// ZSET delivery -> due in ms: what is scheduled or waits for its retry.
    var later: String { base + "later" }
    /// HASH delivery -> name: jobs that no worker here knows.
    var parked: String { base + "parked" }
    /// ZSET id -> when in ms: dead letters, bounded by age and number.
    var dead: String { base + "dead" }
    /// HASH id -> record of each dead letter.
    var graves: String { base + "graves" }
    /// HASH id -> number of the current delivery, for jobs delivered more than once.
    var tries: String { base + "tries" }
    /// HASH id -> how often its worker died.
    var crashes: String { base + "crashes" }
    /// HASH id -> errors of its attempts, a JSON array.
    var errors: String { base + "errors" }
    /// HASH id -> what the running attempt says of itself, JSON.
    var progress: String { base + "progress" }
    /// HASH id -> who runs it since when, JSON, once it has run for a moment.
    var holders: String { base + "holders" }
    /// HASH id -> why it is to stop, for running jobs.
    var cancels: String { base + "cancels" }
    /// LIST of at most two tokens: an idle worker sits in BLPOP here.
    var wake: String { base + "wake" }
    /// LIST of at most one token: the sweeper sits in BLPOP here until the next job falls due.
    var alarm: String { base + "alarm" }
    /// STRING counter: the number of the last event.
    var sequence: String { base + "seq" }
    /// STREAM of events, capped and expiring; its name is the channel of the same events too.
    var events: String { base + "events" }
    /// Pub/sub channel: deliveries that are to be cancelled.
    var control: String { base + "control" }
    /// HASH of counters since the queue exists.
    var stats: String { base + "stats" }

    /// HASH id -> record of ended jobs, one an hour of the ids' time; expires after the retention.
    func ended(_ id: ID) -> String { "\(base)ended:\(id.milliseconds / Self.bucket_ms)" }

    /// The same hash, by the hour since 1970.
    func ended(hour: Int64) -> String { "\(base)ended:\(hour)" }

    /// STRING "<fingerprint> <id>": what an idempotency key stood for; expires.
    func once(_ key: String) -> String { "\(base)once:\(key)" }

    static let bucket_ms: Int64 = 3_600_000

    /// SET of the names of all queues.
    static func queues(_ prefix: String) -> String { "\(prefix):queues" }

    /// STRING (JSON) a worker: what it is and does; expires soon after its last heartbeat.
    static func worker(_ prefix: String, _ id: String) -> String { "\(prefix):worker:\(id)" }

    /// ZSET worker id -> last heartbeat in ms, trimmed by each heartbeat.
    static func workers(_ prefix: String) -> String { "\(prefix):workers" }
}
