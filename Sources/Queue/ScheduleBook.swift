import Core
import Redis

/// The schedules in Redis: what each is, when its next turn comes, and what its last firings were.
///
/// It knows nothing of calendars; who writes a schedule says when its next turn is.
public struct ScheduleBook: Sendable {
    /// A schedule as it lies in Redis.
    public struct Entry: Sendable {
        public let id: String
        /// Grows with each change; a change names the revision it was made from.
        public let revision: Int64
        /// What is to happen and how it stands, in the words of who wrote it.
        public let value: JSON
        /// The nominal time of its next firing; nil while it is paused or when none follows.
        public let next: Moment?
    }

    /// The most schedules there may be.
    public static let most = 10_000
    /// How many of its last firings a schedule remembers.
    public static let remembered = 50
    static let memory_s: Int64 = 30 * 86_400

    let redis: Client
    let base: String

    /// - Parameter prefix: what sets this installation's keys apart, as in `Queue.Settings`.
    public init(on redis: Client, prefix: String) {
        self.redis = redis
        base = Keys.schedules(prefix)
    }

    func key(_ name: Keys.Schedules) -> String { base + name.rawValue }

    func run(_ script: Script, _ arguments: [String]) async throws -> Reply {
        try await translating {
            try await redis.run(script, keys: [base]) { command in
                for argument in arguments { command.append(argument) }
            }
        }
    }

    func send(_ commands: [Command]) async throws -> [Reply] {
        try await translating { try await redis.pipeline(commands).map { try $0.unwrap() } }
    }

    /// The time by Redis' clock, which alone decides what is due.
    public func now() async throws -> Moment {
        let parts = try await send([Command("TIME")])[0].array?.compactMap { $0.text.flatMap { Int64($0) } }
        guard let parts, parts.count == 2 else { throw Failure(.broken, "Redis told no time.") }
        return Moment(microseconds: parts[0] * 1_000_000 + parts[1])
    }

    /// The schedule with that id, nil when there is none.
    public func find(_ id: String) async throws -> Entry? {
        let replies = try await send([
            Command("HGET", key(.specs), id), Command("ZSCORE", key(.turns), id),
        ])
        return try replies[0].text.map { try Self.entry(id, $0, next: replies[1].text) }
    }

    /// The schedules whose ids begin with `beginning`, in order.
    ///
    /// - Parameters:
    ///   - after: the id behind which to go on.
    ///   - limit: how many at most.
    public func list(_ beginning: String, after: String? = nil, limit: Int) async throws -> [Entry] {
        let from = after.map { "(\($0)" } ?? "[\(beginning)"
        let range = Command(
            "ZRANGEBYLEX", key(.names), from, "(\(beginning)\u{7F}", "LIMIT", "0", String(limit))
        let ids = try await send([range])[0].array?.compactMap(\.text) ?? []
        guard !ids.isEmpty else { return [] }
        var specs = Command("HMGET", key(.specs))
        for id in ids { specs.append(id) }
        let replies = try await send([specs] + ids.map { Command("ZSCORE", key(.turns), $0) })
        let values = replies[0].array ?? []
        return try zip(ids, zip(values, replies.dropFirst())).compactMap { id, found in
            try found.0.text.map { try Self.entry(id, $0, next: found.1.text) }
        }
    }

    static func entry(_ id: String, _ text: String, next: String?) throws -> Entry {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let revision = Int64(parts[0]) else {
            throw Failure(.broken, "The schedule \(id) cannot be read.")
        }
        do {
            return Entry(
                id: id, revision: revision, value: try JSONParser.parse(Array(parts[1].utf8)),
                next: next.flatMap { Double($0) }.map { Moment(milliseconds: Int64($0)) })
        } catch let fault as JSONParser.Fault {
            throw Failure(.broken, "The schedule \(id) cannot be read.", cause: fault)
        }
    }
}
