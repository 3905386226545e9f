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
    /// When the oldest waiting job was enqueued.
    public let oldest: Moment?
    /// Counters since the queue exists: enqueued, ended, later, dead, crashed, refused, revived, front,
    /// parked.
    public let totals: [String: Int64]

    /// All that waits, whatever the level.
    public var backlog: Int { waiting.values.reduce(suspects, +) }
}

extension Queue {
    /// What the queue holds, read in one round trip.
    public func depths() async throws -> Depths {
        let replies = try await translating { try await redis.pipeline(depthCommands) }
        let counts = replies.prefix(8).map { Int($0.integer ?? 0) }
        let tails = replies[8..<11].compactMap { $0.text.flatMap { Delivery($0) } }
        let stats = replies[11].array ?? []
        var totals: [String: Int64] = [:]
        for index in stride(from: 0, to: stats.count - 1, by: 2) {
            if let name = stats[index].text, let value = stats[index + 1].text.flatMap({ Int64($0) }) {
                totals[name] = value
            }
        }
        return Depths(
            queue: name, waiting: Dictionary(uniqueKeysWithValues: zip(Envelope.Level.allCases, counts)),
            suspects: counts[3], running: counts[4], scheduled: counts[5], dead: counts[6], parked: counts[7],
            oldest: tails.map(\.id.milliseconds).min().map { Moment(milliseconds: $0) }, totals: totals)
    }

    private var depthCommands: [Command] {
        keys.ready.map { Command("LLEN", $0) }
            + [
                Command("LLEN", keys.suspects), Command("ZCARD", keys.leases), Command("ZCARD", keys.later),
                Command("ZCARD", keys.dead), Command("HLEN", keys.parked),
            ] + keys.ready.map { Command("LINDEX", $0, "-1") } + [Command("HGETALL", keys.stats)]
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
