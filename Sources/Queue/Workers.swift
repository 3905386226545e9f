import Core
import Redis

/// A worker process as its last heartbeat showed it.
public struct WorkerSight: Sendable {
    public let id: String
    /// What it said of itself: host, process, queues, concurrency, running, started_at, names.
    public let about: JSON
}

/// The book of live workers, kept by their heartbeats.
public struct Workers: Sendable {
    /// A worker not heard of for so long is not listed any more.
    public static let patience: Duration = .seconds(45)

    private let redis: Client
    private let prefix: String

    public init(on redis: Client, prefix: String = Queue.Settings().prefix) {
        self.redis = redis
        self.prefix = prefix
    }

    /// Writes a worker's heartbeat.
    public func beat(_ id: String, about: JSON) async throws {
        let (now, patience_ms) = (Moment.now.milliseconds, Self.patience.milliseconds)
        _ = try await translating {
            try await redis.pipeline([
                Command("SET", Keys.worker(prefix, id), about.text, "PX", String(patience_ms)),
                Command("ZADD", Keys.workers(prefix), String(now), id),
                Command("ZREMRANGEBYSCORE", Keys.workers(prefix), "-inf", String(now - patience_ms)),
                Command("PEXPIRE", Keys.workers(prefix), String(patience_ms)),
            ])
        }
    }

    /// Strikes a worker that stops in order.
    public func leave(_ id: String) async throws {
        _ = try await translating {
            try await redis.pipeline([
                Command("DEL", Keys.worker(prefix, id)), Command("ZREM", Keys.workers(prefix), id),
            ])
        }
    }

    /// The workers heard of lately.
    public func list() async throws -> [WorkerSight] {
        let ids =
            try await translating {
                try await redis.send(Command("ZRANGE", Keys.workers(prefix), "0", "-1"))
            }.array?.compactMap(\.text) ?? []
        guard !ids.isEmpty else { return [] }
        let replies = try await translating {
            try await redis.pipeline(ids.map { Command("GET", Keys.worker(prefix, $0)) })
        }
        return zip(ids, replies).compactMap { id, reply in
            guard let bytes = reply.bytes, let about = try? JSONParser.parse(bytes) else { return nil }
            return WorkerSight(id: id, about: about)
        }
    }
}
