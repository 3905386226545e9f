import Core
import Redis

/// A process as its last heartbeat showed it.
public struct WorkerSight: Sendable {
    public let id: String
    /// What it said of itself: a worker its host, process, queues, concurrency, running, started_at, names.
    public let about: JSON
}

/// The book of live workers, or of live relays, kept by their heartbeats.
public struct Workers: Sendable {
    /// A worker not heard of for so long is not listed any more.
    public static let patience: Duration = .seconds(45)
    /// The same of a relay, which says of itself more often.
    static let relayPatience: Duration = .seconds(10)

    private let redis: Client
    /// The key of all ids.
    private let all: String
    /// What the key of one begins with.
    private let one: String
    private let patience_ms: Int64

    public init(on redis: Client, prefix: String = Queue.Settings().prefix) {
        self.redis = redis
        all = Keys.workers(prefix)
        one = Keys.worker(prefix, "")
        patience_ms = Self.patience.milliseconds
    }

    /// The book of relays.
    package init(ofRelaysOn redis: Client, prefix: String) {
        self.redis = redis
        all = Keys.relays(prefix)
        one = Keys.relay(prefix, "")
        patience_ms = Self.relayPatience.milliseconds
    }

    /// Writes a process's heartbeat.
    public func beat(_ id: String, about: JSON) async throws {
        let now = Moment.now.milliseconds
        _ = try await translating {
            try await redis.pipeline([
                Command("SET", one + id, about.text, "PX", String(patience_ms)),
                Command("ZADD", all, String(now), id),
                Command("ZREMRANGEBYSCORE", all, "-inf", String(now - patience_ms)),
                Command("PEXPIRE", all, String(patience_ms)),
            ])
        }
    }

    /// Strikes a process that stops in order.
    public func leave(_ id: String) async throws {
        _ = try await translating {
            try await redis.pipeline([Command("DEL", one + id), Command("ZREM", all, id)])
        }
    }

    /// Those heard of lately.
    public func list() async throws -> [WorkerSight] {
        let ids =
            try await translating { try await redis.send(Command("ZRANGE", all, "0", "-1")) }
            .array?.compactMap(\.text) ?? []
        guard !ids.isEmpty else { return [] }
        let replies = try await translating {
            try await redis.pipeline(ids.map { Command("GET", one + $0) })
        }
        return zip(ids, replies).compactMap { id, reply in
            guard let bytes = reply.bytes, let about = try? JSONParser.parse(bytes) else { return nil }
            return WorkerSight(id: id, about: about)
        }
    }
}
