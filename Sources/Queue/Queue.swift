import Core
import Logging
import Redis

/// One queue: the verbs that move its jobs, each a single script in Redis.
///
/// Everything a verb changes, it changes at once or not at all; times are those of Redis' own clock.
/// Verbs throw `Failure`: `.unavailable` while Redis does not answer, `.limited` when its memory is full.
public struct Queue: Sendable {
    /// How a queue keeps and bounds what it holds.
    public struct Settings: Sendable {
        /// What sets this installation's keys apart in a shared Redis.
        public var prefix = "atom"
        /// How long a claimed job stays its worker's without a renewal.
        public var lease: Duration = .seconds(10)
        /// How long the outcome of an ended job can be read.
        public var retention: Duration = .seconds(86_400)
        /// How long events can be replayed after the last one.
        public var eventRetention: Duration = .seconds(3_600)
        /// Deaths of its worker that make a job dead.
        public var crashLimit = 3
        /// How long dead letters are kept.
        public var deadRetention: Duration = .seconds(30 * 86_400)
        /// How long a job waits below others before it is sometimes served before them.
        public var ageing: Duration = .seconds(60)
        /// How many dead letters are kept; the oldest go first.
        public var deadLimit = 10_000

        public init() {}
    }

    /// The most jobs one call moves; a Lua script cannot unpack many more arguments.
    public static let batchLimit = 1_000

    /// The most bytes the arguments of one job may have.
    public static let payloadLimit = 1_048_576

    public let name: String
    public let settings: Settings
    package let redis: Client
    let keys: Keys

    /// - Parameter name: 1 to 64 of a-z, 0-9, `_` and `-`; see `isName`.
    public init(_ name: String, on redis: Client, settings: Settings = Settings()) {
        self.name = name
        self.redis = redis
        self.settings = settings
        keys = Keys(prefix: settings.prefix, queue: name)
    }

    /// True when `name` may name a queue. Anything else could collide with the structure of the keys.
    public static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45
            }
    }

    var event_s: Int64 { max(1, settings.eventRetention.milliseconds / 1_000) }
    var retention_s: Int64 { max(1, settings.retention.milliseconds / 1_000) }

    /// Runs one of the queue's programs and speaks of its errors in our words.
    func run(_ program: Script, _ arguments: (inout Command) -> Void) async throws -> Reply {
        try await translating {
            try await redis.run(program, keys: [keys.base, keys.shared], arguments: arguments)
        }
    }
}

/// Turns what the wire throws into a `Failure`.
package func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let fault as Fault { throw Failure(fault) }
}

extension Failure {
    /// The wire's fault in the words of work.
    package init(_ fault: Fault) {
        switch fault {
        case .refused where fault.code == "OOM":
            self.init(
                .limited, "Redis has no memory left for new jobs. Try again when the backlog has shrunk.",
                cause: fault, retryAfter: .seconds(5))
        case .refused, .invalid: self.init(.broken, "Redis refused a command.", cause: fault)
        case .unreachable, .lost, .closed:
            self.init(
                .unavailable, "Redis does not answer. Try again in a moment.", cause: fault,
                retryAfter: .seconds(2))
        }
    }
}
