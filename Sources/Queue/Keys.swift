import Core

/// Every key of one queue, and its Redis type. No other file spells a key.
///
/// All keys of a queue carry its name in braces, so that Redis Cluster keeps them in one slot; those that
/// queues share carry `{flow}` or `{schedules}`.
public struct Keys: Sendable {
    /// What all keys of the queue begin with.
    let base: String
    /// What all keys begin with that the queues share.
    let shared: String

    /// - Parameters:
    ///   - prefix: what sets this installation's keys apart in a shared Redis.
    ///   - queue: the queue's name.
    init(prefix: String, queue: String) {
        base = "\(prefix):{\(queue)}:"
        shared = "\(prefix):{flow}:"
    }

    /// A key of one queue; the ends of those marked with a colon are added while a script runs.
    enum Name: String, CaseIterable {
        /// HASH id -> envelope of every job that has not ended.
        case jobs
        /// LIST of deliveries whose workers died twice; they are claimed one at a time.
        case suspects
        /// ZSET delivery -> deadline in ms: what is running.
        case leases
        /// ZSET delivery -> due in ms: what is scheduled or waits for its retry.
        case later
        /// HASH delivery -> name, or name@version: jobs that no worker here knows.
        case parked
        /// ZSET id -> when in ms: dead letters, bounded by age and number.
        case dead
        /// HASH id -> record of each dead letter.
        case graves
        /// HASH id -> number of the current delivery, for jobs delivered more than once.
        case tries
        /// HASH id -> how often its worker died.
        case crashes
        /// HASH id -> errors of its attempts, a JSON array.
        case errors
        /// HASH id -> what the running attempt says of itself, JSON.
        case progress
        /// HASH id -> who runs it since when, JSON, once it has run for a moment.
        case holders
        /// HASH id -> why it is to stop, for running jobs.
        case cancels
        /// HASH id -> what happened to it beside running: JSON objects with commas between.
        case history
        /// LIST of at most two tokens: an idle worker sits in BLPOP here.
        case wake
        /// LIST of at most one token: the sweeper sits in BLPOP here until the next job falls due.
        case alarm
        /// STRING counter: the number of the last event.
        case seq
        /// STREAM of events, capped and expiring; its name is the channel of the same events too.
        case events
        /// Pub/sub channel: deliveries that are to be cancelled.
        case control
        /// ZSET entry id -> when in ms: which changes of rows were told; capped and expiring.
        case announced
        /// HASH of counters since the queue exists.
        case stats
        /// LIST of frames that raw producers pushed.
        case inbox
        /// LIST of frames on their way from the inbox into the queue.
        case taken
        /// LIST of frames that were refused, with the reason, JSON; capped.
        case quarantine
        /// LIST of ids whose end is to be told to the address their envelopes name.
        case afters
        /// LIST of ids on their way from `afters` to those who asked.
        case telling
        /// SET of ids that go to `afters` when they end.
        case askers
        /// HASH id -> until and key of the lock it holds.
        case locks
        /// HASH delivery -> keys whose slots it takes and breakers it speaks to.
        case holds
        /// HASH id -> exclusive key it keeps until it has ended.
        case keeps
        /// SET of the names of all groups that have jobs.
        case groups
        /// HASH group -> key it waits for.
        case waits
        /// ZSET key -> when in ms it is to be looked at again.
        case blocked
        /// HASH level -> virtual time of its turns; `order` -> counter.
        case clock
        /// HASH share -> its weight, where that is not 1.
        case shares
        /// LIST of deliveries waiting, one list a level, claimed from the right.
        case ready = "ready:"
        /// LIST of deliveries of a group, claimed from the right; gone when empty.
        case group = "group:"
        /// ZSET group -> order, of the open groups of one level and share; gone when empty.
        case open = "open:"
        /// ZSET share -> virtual time, one a level: the shares that have open groups.
        case turn = "turn:"
        /// ZSET share -> virtual time of shares without open groups that are ahead of the clock; expires.
        case rest = "rest:"
        /// ZSET group -> order, of the groups that wait for one key; gone when empty.
        case waiters = "waiters:"
        /// STRING "<id> <since_ms>": who holds a lock; expires or ends with its holder.
        case unique = "unique:"
        /// HASH id -> record of ended jobs, one an hour of the ids' time; expires after the retention.
        case ended = "ended:"
        /// STRING "<fingerprint> <id>": what an idempotency key stood for; expires.
        case once = "once:"
    }

    /// A key that all queues share.
    enum Shared: String, CaseIterable {
        /// HASH key or family -> what is set for it.
        case limits
        /// HASH key -> until_ms (0: until resumed), a space, and who paused it why, JSON.
        case pauses
        /// HASH subject -> 1: queues, names and workspaces that have a limit or are paused.
        case gates
        /// ZSET member -> deadline in ms: who counts against a limit of concurrency; expires when unused.
        case slots = "slots:"
        /// LIST of times in ms, newest first: the units of a window that were taken; expires with the window.
        case rate = "rate:"
        /// STRING ms: when a bucket will have leaked all that was taken; expires then.
        case pace = "pace:"
        /// STRING ms: until when the other side wants no call; expires then.
        case cool = "cool:"
        /// HASH of a circuit breaker: bad, good, till; expires.
        case breaker = "breaker:"
        /// ZSET member -> deadline in ms: probes under way of a breaker that is half open; expires.
        case probes = "probes:"
        /// STRING member: who holds an exclusive key, until it has ended.
        case only = "only:"
        /// SET of the bases of queues in which jobs wait for a key; gone when none does.
        case seekers = "seekers:"
        /// SET of the children of a job, each with the base of its queue; expires after a week.
        case children = "children:"
    }

    /// A key of the schedules, which no queue owns.
    enum Schedules: String, CaseIterable {
        /// HASH id -> revision, a space, and what is to happen when, JSON.
        case specs
        /// ZSET id -> its next nominal time in ms; not there while paused or when none follows.
        case turns
        /// ZSET of all ids with equal scores, for lists in order.
        case names
        /// HASH id -> how many firings were left out because they were too late.
        case missed
        /// LIST of at most one token: a ticker sits in BLPOP here until the next turn.
        case alarm
        /// LIST of a schedule's last firings, JSON; capped, expires after a month.
        case fired = "fired:"
    }

    subscript(name: Name) -> String { base + name.rawValue }

    subscript(name: Shared) -> String { shared + name.rawValue }

    /// LIST of deliveries waiting, one list a level.
    var ready: [String] { Envelope.Level.allCases.map { self[.ready] + $0.rawValue } }

    /// The end of the key of the ended jobs that `id` belongs to.
    static func bucket(of id: ID) -> String { "\(Name.ended.rawValue)\(id.milliseconds / bucket_ms)" }

    /// The hash of ended jobs that `id` belongs to.
    func ended(_ id: ID) -> String { base + Self.bucket(of: id) }

    /// The same hash, by the hour since 1970.
    func ended(hour: Int64) -> String { "\(self[.ended])\(hour)" }

    static let bucket_ms: Int64 = 3_600_000

    /// SET of the names of all queues.
    static func queues(_ prefix: String) -> String { "\(prefix):queues" }

    /// What the keys of the schedules begin with.
    static func schedules(_ prefix: String) -> String { "\(prefix):{schedules}:" }

    /// HASH slot -> calls of one caller that passed lately; expires with the window.
    static func allowance(_ prefix: String, _ subject: String) -> String { "\(prefix):rate:\(subject)" }

    /// STRING (JSON) a worker: what it is and does; expires soon after its last heartbeat.
    static func worker(_ prefix: String, _ id: String) -> String { "\(prefix):worker:\(id)" }

    /// ZSET worker id -> last heartbeat in ms, trimmed by each heartbeat.
    static func workers(_ prefix: String) -> String { "\(prefix):workers" }

    /// STRING (JSON) a relay: what it is and does; expires soon after its last heartbeat.
    static func relay(_ prefix: String, _ id: String) -> String { "\(prefix):relay:\(id)" }

    /// ZSET relay id -> last heartbeat in ms, trimmed by each heartbeat.
    static func relays(_ prefix: String) -> String { "\(prefix):relays" }
}

// Short forms of the names most used.
extension Keys {
    var jobs: String { self[.jobs] }
    var leases: String { self[.leases] }
    var later: String { self[.later] }
    var dead: String { self[.dead] }
    var graves: String { self[.graves] }
    var parked: String { self[.parked] }
    var suspects: String { self[.suspects] }
    var wake: String { self[.wake] }
    var alarm: String { self[.alarm] }
    var events: String { self[.events] }
    var sequence: String { self[.seq] }
    var stats: String { self[.stats] }
    var control: String { self[.control] }
    var inbox: String { self[.inbox] }
    var taken: String { self[.taken] }
    var quarantine: String { self[.quarantine] }
    var afters: String { self[.afters] }
    var telling: String { self[.telling] }
    func once(_ key: String) -> String { self[.once] + key }
}
