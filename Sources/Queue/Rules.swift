import Core
import Redis

/// The limits and pauses of one installation: all its queues and workers heed them at once.
public struct Rules: Sendable {
    /// The most limits, and the most pauses, that may be set.
    public static let most = 10_000

    let queue: Queue

    public init(on redis: Client, settings: Queue.Settings = Queue.Settings()) {
        // Rules belong to no queue; the scripts only want to know how keys begin.
        queue = Queue("default", on: redis, settings: settings)
    }

    /// Sets what holds for `key`; a key that ends in `:*` stands for all that begin so and have none of their
    /// own. Throws `.invalid` for what is no key, `.limited` where there are too many.
    public func set(_ limit: Limit, for key: String) async throws {
        try await put("limit", key, limit.text, among: .limits)
    }

    /// Lifts a limit; false when there was none.
    public func lift(_ key: String) async throws -> Bool { try await rule("limit", key, "") }

    /// Keeps the jobs of `key` from starting; those that run go on.
    public func pause(_ key: String, _ pause: Pause) async throws {
        try await put("pause", key, pause.text, among: .pauses)
    }

    /// Lets them start again; false when they could.
    public func resume(_ key: String) async throws -> Bool { try await rule("pause", key, "") }

    /// What is set, by key.
    public func limits() async throws -> [String: Limit] {
        try await all(.limits).mapValues(Limit.init(text:))
    }

    /// What is paused now, by key.
    public func pauses() async throws -> [String: Pause] {
        try await all(.pauses).compactMapValues { Pause(text: $0) }
            .filter { $0.value.until.map { $0 > .now } ?? true }
    }

    private func put(_ kind: String, _ key: String, _ text: String, among set: Keys.Shared) async throws {
        guard Self.isSubject(key) else {
            throw Failure(
                .invalid,
                "A key has 1 to \(Flow.keyLimit) printable characters, no space and none of \" \\ ; , * |; "
                    + "a family ends in :*.", at: "/key")
        }
        let size = try await translating { try await queue.redis.send(Command("HLEN", queue.keys[set])) }
        guard (size.integer ?? 0) < Self.most else {
            throw Failure(.limited, "There are \(Self.most) already; lift some.", at: "/key")
        }
        _ = try await rule(kind, key, text)
    }

    /// True for a key or a family of keys.
    public static func isSubject(_ text: String) -> Bool {
        Flow.isKey(text.hasSuffix(":*") ? String(text.dropLast()) : text)
    }

    private func rule(_ kind: String, _ key: String, _ text: String) async throws -> Bool {
        let isFamily = key.hasSuffix("*")
        let prefix = queue.settings.prefix
        let names = isFamily ? try await Queue.names(on: queue.redis, prefix: prefix) : []
        let reply = try await queue.run(Scripts.rules) {
            $0.append(kind)
            $0.append(key)
            $0.append(text)
            for name in names { $0.append(Keys(prefix: prefix, queue: name).base) }
        }
        return reply.integer == 1
    }

    private func all(_ set: Keys.Shared) async throws -> [String: String] {
        let reply = try await translating {
            try await queue.redis.send(Command("HGETALL", queue.keys[set]))
        }
        let fields = (reply.array ?? []).compactMap(\.text)
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: fields.count - 1, by: 2).map {
                (fields[$0], fields[$0 + 1])
            })
    }
}

extension Queue {
    /// Sets how much of the queue a share gets beside the others, 1 unless set: 0.01 to 1,000.
    public func weigh(_ share: String, _ weight: Double) async throws {
        guard Flow.isKey(share), (0.01...1_000).contains(weight) else {
            throw Failure(.invalid, "A weight is 0.01 to 1,000, and a share must be a key.", at: "/weight")
        }
        let command =
            weight == 1
            ? Command("HDEL", keys[.shares], share)
            : Command("HSET", keys[.shares], share, String(weight))
        _ = try await translating { try await redis.send(command) }
    }

    /// The shares whose weight is not 1.
    public func weights() async throws -> [String: Double] {
        let reply = try await translating { try await redis.send(Command("HGETALL", keys[.shares])) }
        let fields = (reply.array ?? []).compactMap(\.text)
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: fields.count - 1, by: 2).map {
                (fields[$0], Double(fields[$0 + 1]) ?? 1)
            })
    }
}
