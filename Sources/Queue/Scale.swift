import Core
import Redis

/// How much of a queue more workers could start now.
public struct Demand: Sendable {
    public let queue: String
    /// Jobs that a worker with room could claim.
    public let runnable: Int
    /// Jobs that wait for a pause to end or for a limit to have room, which no worker hastens.
    public let blocked: Int
    /// When the oldest runnable job was enqueued.
    public let oldest: Moment?
    /// Jobs that have ended since the queue exists.
    public let ended: Int64
    public let running: Int
    /// All that waits, by level, apart from jobs whose workers died twice.
    public let waiting: [Envelope.Level: Int]
}

extension Queue {
    /// Groups that one look counts at most; of more a part is taken.
    static let groupLimit = 10_000

    /// What could run now.
    public func demand() async throws -> Demand {
        let reply = try await run(Scripts.scale) { $0.append(Int64(Self.groupLimit)) }
        let numbers = (reply.array ?? []).map { $0.integer ?? 0 }
        guard numbers.count == 6 else {
            throw Failure(.broken, "The scale script answered what it never should.")
        }
        let more = try await translating {
            try await redis.pipeline([
                Command("HMGET", keys.stats, "ended", "dead"), Command("ZCARD", keys.leases),
            ])
        }
        let ended = (more[0].array ?? []).compactMap { $0.text.flatMap { Int64($0) } }.reduce(0, +)
        return Demand(
            queue: name, runnable: Int(numbers[0]), blocked: Int(numbers[1]),
            oldest: numbers[2] > 0 ? Moment(milliseconds: numbers[2]) : nil, ended: ended,
            running: Int(more[1].integer ?? 0),
            waiting: Dictionary(
                uniqueKeysWithValues: zip(Envelope.Level.allCases, numbers[3...].map { Int($0) })))
    }
}
