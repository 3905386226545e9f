import Core
import Redis
import TestHouse

@testable import Queue

/// A queue of one test's own in a real Redis, with eyes below its verbs.
struct Site: Sendable {
    let redis: Client
    let queue: Queue

    init(on server: RedisServer? = nil, _ change: (inout Queue.Settings) -> Void = { _ in }) throws {
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        change(&settings)
        // Hundreds of tests begin at once; on a small machine even Redis answers late then.
        var limits = Limits()
        (limits.connectPatience, limits.dialPatience, limits.replyPatience) = (
            .seconds(30), .seconds(20), .seconds(30)
        )
        redis = try Client(server?.endpoint ?? Endpoint(TestRedis.url), name: settings.prefix, limits: limits)
        queue = Queue("work", on: redis, settings: settings)
    }

    /// Puts jobs called `name` on the queue, one call for all.
    @discardableResult
    func add(
        _ count: Int = 1, _ level: Envelope.Level = .normal, due: Moment? = nil, name: String = "job"
    )
        async throws -> [ID]
    {
        let envelopes = (0..<count).map { _ in
            Envelope(name: name, arguments: Array("{}".utf8), workspace: "acme", level: level, due: due)
        }
        try await queue.enqueue(envelopes)
        return envelopes.map(\.id)
    }

    func claim(_ wanted: Int = 1, suspect: Bool = true) async throws -> [Claim] {
        try await work([], claiming: wanted, suspect: suspect).claims
    }

    func work(
        _ settlements: [Settlement], claiming wanted: Int = 0, suspect: Bool = true
    ) async throws -> Haul {
        var shift = Queue.Shift()
        (shift.settlements, shift.wanted, shift.mayTakeSuspect) = (settlements, wanted, suspect)
        return try await queue.work(shift)
    }

    /// Settles claims alike; what was refused.
    @discardableResult
    func settle(_ claims: [Claim], _ verdict: Verdict, by worker: String = "w1") async throws -> [Delivery] {
        let settlements = claims.map {
            Settlement($0, verdict, started: .now, worker: worker, isMarked: true)
        }
        return try await work(settlements).refused
    }

    /// Lets every lease run out, as if their workers had died long ago.
    func overrun() async throws { try await age(queue.keys.leases) }

    /// Lets every scheduled job fall due, in the order of their times.
    func fallDue() async throws { try await age(queue.keys.later) }

    private func age(_ key: String) async throws {
        let members = try await redis.send(Command("ZRANGE", key, "0", "-1")).array ?? []
        let commands = members.compactMap(\.text).enumerated().map { index, member in
            Command("ZADD", key, "XX", String(index + 1), member)
        }
        for reply in try await redis.pipeline(commands) { _ = try reply.unwrap() }
    }

    func look(_ id: ID) async throws -> Sight? { try await queue.look([id]).first ?? nil }

    func state(_ id: ID) async throws -> State? { try await look(id)?.state }

    func total(_ counter: String) async throws -> Int64 { try await queue.depths().totals[counter] ?? 0 }

    /// Every key of this site, as it is spelled behind the queue's name.
    func keys() async throws -> Set<String> {
        let found = try await redis.send(Command("KEYS", "\(queue.settings.prefix)*")).array ?? []
        return Set(found.compactMap(\.text).map { $0.split(separator: "}:").last.map(String.init) ?? $0 })
    }

    /// The keys that mention each id, counters and events aside; a list or set that holds it twice is named
    /// twice.
    func traces() async throws -> [ID: [String]] {
        let base = String(queue.keys.wake.dropLast("wake".count))
        let buckets =
            try await redis.send(Command("KEYS", base.replacing("{", with: "?") + "ended:*")).array ?? []
        let ended = buckets.compactMap { $0.text.map { String($0.dropFirst(base.count)) } }
        var keys = [("dead", "ZRANGE"), ("leases", "ZRANGE"), ("later", "ZRANGE"), ("suspects", "LRANGE")]
        keys += Envelope.Level.allCases.map { ("ready:\($0.rawValue)", "LRANGE") }
        keys += ["crashes", "errors", "graves", "holders", "jobs", "parked", "progress", "tries", "cancels"]
            .map { ($0, "HKEYS") }
        keys = (keys + ended.map { ($0, "HKEYS") }).sorted { $0.0 < $1.0 }
        let replies = try await redis.pipeline(
            keys.map { $1 == "HKEYS" ? Command($1, base + $0) : Command($1, base + $0, "0", "-1") })
        var traces: [ID: [String]] = [:]
        for ((key, _), reply) in zip(keys, replies) {
            for member in try reply.unwrap().array ?? [] {
                if let id = member.text.flatMap({ Delivery($0)?.id }) { traces[id, default: []].append(key) }
            }
        }
        return traces
    }

    /// Where one job is mentioned, the bucket of ended jobs without its number.
    func traces(of id: ID) async throws -> [String] {
        try await traces()[id, default: []].map { $0.hasPrefix("ended:") ? "ended" : $0 }
    }

    /// Waits until so many of this site's clients sit in a blocking command.
    func waitForBlocked(_ count: Int) async throws {
        let name = "name=\(queue.settings.prefix)-blocking "
        while true {
            let list = try await redis.send(Command("CLIENT", "LIST")).text ?? ""
            let blocked = list.split(separator: "\n").filter { $0.contains(name) && $0.contains("flags=b") }
            if blocked.count >= count { return }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func tokens(in key: String) async throws -> Int64? { try await redis.send(Command("LLEN", key)).integer }
}

extension Failure {
    static let hiccup = Failure(.unavailable, "Not now.")
}
