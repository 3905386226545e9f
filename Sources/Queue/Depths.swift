import Core
import Redis

/// How much of what a queue holds, at one moment.
public struct Depths: Sendable {
    public let queue: String
    public let waiting: [Envelope.Level: Int]
    /// Waiting again after their workers died twice.
    public let suspects: Int
    public let running: Int
    public let scheduled: Int
    public let dead: Int
    public let parked: Int
    /// When the oldest job that could be claimed was enqueued.
    public let oldest: Moment?
    /// Counters since the queue exists: enqueued, ended, later, dead, crashed, refused, revived, front,
    /// parked.
    public let totals: [String: Int64]

    /// All that waits, whatever the level.
    public var backlog: Int { waiting.values.reduce(suspects, +) }
}

extension Queue {
    /// What the queue holds.
    public func depths() async throws -> Depths {
        let demand = try await demand()
        let replies = try await translating { try await redis.pipeline(depthCommands) }
        let counts = replies.prefix(5).map { Int($0.integer ?? 0) }
        let stats = replies[5].array ?? []
        var totals: [String: Int64] = [:]
        for index in stride(from: 0, to: stats.count - 1, by: 2) {
            if let name = stats[index].text, let value = stats[index + 1].text.flatMap({ Int64($0) }) {
                totals[name] = value
            }
        }
        return Depths(
            queue: name, waiting: demand.waiting, suspects: counts[0], running: counts[1],
            scheduled: counts[2], dead: counts[3], parked: counts[4], oldest: demand.oldest, totals: totals)
    }

    private var depthCommands: [Command] {
        [
            Command("LLEN", keys.suspects), Command("ZCARD", keys.leases), Command("ZCARD", keys.later),
            Command("ZCARD", keys.dead), Command("HLEN", keys.parked), Command("HGETALL", keys.stats),
        ]
    }

    /// The most queues one installation has; a name more is refused.
    public static let queueLimit = 1_000

    /// The names of all queues that ever held a job.
    public static func names(on redis: Client, prefix: String = Settings().prefix) async throws -> [String] {
        let reply = try await translating { try await redis.send(Command("SMEMBERS", Keys.queues(prefix))) }
        return (reply.array ?? []).compactMap(\.text).sorted()
    }

    /// Makes the queue's name known. Throws `.limited` where there are `queueLimit` already.
    public func register() async throws {
        let known = Keys.queues(settings.prefix)
        let replies = try await translating {
            try await redis.pipeline([Command("SISMEMBER", known, name), Command("SCARD", known)])
        }
        if replies[0].integer == 1 { return }
        guard (replies[1].integer ?? 0) < Self.queueLimit else {
            throw Failure(
                .limited, "There are \(Self.queueLimit) queues already; use one of them.", at: "/queue")
        }
        _ = try await translating { try await redis.send(Command("SADD", known, name)) }
    }
}
