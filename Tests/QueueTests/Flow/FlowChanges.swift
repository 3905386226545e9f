import Core
import Redis

@testable import Queue

// What callers and the sweeper do.
extension FlowPlay {
    mutating func admit() async throws {
        let name = dice.pick(Self.names)
        let due = dice.roll(0..<6) == 0 ? Moment.now + nextPause() : nil
        let count = dice.roll(0..<5) == 0 ? dice.roll(2..<4) : 1
        let envelopes = (0..<count).map { _ in scene.job(&dice, due: due) }
        for envelope in envelopes {
            tell(
                "admit \(name) \(envelope.id) \(envelope.group) \(envelope.name) \(envelope.workspace) "
                    + "due \(due != nil) \(envelope.overflow) \(envelope.unique.map { "\($0)" } ?? "")")
        }
        let expected = model.admit(envelopes, to: name)
        let answer = count == 1 ? try await queue(name).admit(envelopes[0]) : try await batch(envelopes, name)
        tell("  \(answer)")
        try expect(
            Self.plain(answer, count) == Self.plain(expected ?? .accepted, count),
            "The answer is \(answer), not \(String(describing: expected)).")
    }

    private func batch(_ envelopes: [Envelope], _ name: String) async throws -> Queue.Admission {
        do {
            try await queue(name).enqueue(envelopes)
            return .accepted
        } catch let failure as Failure where failure.kind == .limited {
            return .full("")
        } catch let failure as Failure where failure.kind == .conflict {
            let id = failure.message.split(separator: " ").compactMap { ID($0) }.first
            return .held(id ?? ID())
        }
    }

    /// The model does not say which of several limits is named, nor which of several jobs is kept out.
    private static func plain(_ answer: Queue.Admission, _ count: Int) -> Queue.Admission {
        switch answer {
        case .held where count > 1: .stale
        case .full: .full("")
        case .dropped: .dropped("")
        default: answer
        }
    }

    mutating func cancel() async throws {
        guard let id = dice.pickAny(model.jobs.keys.sorted()), let job = model.jobs[id] else { return }
        let expected = model.cancel(id)
        tell("cancel \(id): \(expected)")
        let answer = try await queue(job.queue).cancel(id, reason: "chance")
        try expect(answer == expected, "The cancel came to \(answer), not \(expected).")
    }

    mutating func pause() async throws {
        let key = dice.pick(scene.pausable)
        if model.pauses.remove(key) != nil {
            tell("resume \(key)")
            let isResumed = try await rules.resume(key)
            try expect(isResumed, "\(key) was not paused.")
        } else {
            tell("pause \(key)")
            model.pauses.insert(key)
            try await rules.pause(key, Pause(by: "chance", reason: ""))
        }
    }

    mutating func set() async throws {
        let (key, limit) = dice.pick(scene.limits)
        if model.limits[key] == nil { return try await set(key, limit) }
        tell("lift \(key)")
        model.limits[key] = nil
        let isLifted = try await rules.lift(key)
        try expect(isLifted, "\(key) had no limit.")
    }

    mutating func set(_ key: String, _ limit: Limit) async throws {
        tell("limit \(key): \(limit.text)")
        model.limits[key] = limit
        try await rules.set(limit, for: key)
    }

    /// Lets all that is later fall due, and then moves it.
    mutating func promote(_ name: String) async throws {
        let later = queue(name).keys.later
        let texts = (try await redis.send(Command("ZRANGE", later, "0", "-1")).array ?? []).compactMap(\.text)
        let commands = texts.enumerated().map { Command("ZADD", later, "XX", String($0 + 1), $1) }
        for reply in try await redis.pipeline(commands) { _ = try reply.unwrap() }
        let moved = try await queue(name).promote().moved
        tell("promote \(name) \(texts)")
        try expect(moved == texts.count, "\(moved) fell due, not \(texts.count).")
        model.promote(texts.compactMap { Delivery($0) })
    }

    /// Puts a dead job back, or lets it go.
    mutating func bury() async throws {
        guard let id = dice.pickAny(model.ids(.dead)), let job = model.jobs[id] else { return }
        if dice.flip() {
            tell("retry \(id)")
            let (isDead, isBack) = (model.retry(id), try await queue(job.queue).retry(id))
            try expect(isDead == isBack, "It was not put back.")
        } else {
            tell("discard \(id)")
            let (isDead, count) = (model.discard(id), try await queue(job.queue).discard([id]))
            try expect(isDead == (count == 1), "It was not let go.")
        }
    }

    mutating func unpark() async throws {
        let name = dice.pick(Self.names)
        let keys = queue(name).keys
        // The order of a hash is nobody's; the model follows it.
        let order = (try await redis.send(Command("HKEYS", keys.parked)).array ?? [])
            .compactMap { $0.text.flatMap { Delivery($0) } }
        tell("unpark \(name) \(order.map(\.text))")
        let count = try await queue(name).unpark(["fast", "slow"])
        try expect(count == order.count, "\(count) were put back, not \(order.count).")
        model.promote(order)
    }

    /// Time passes: breakers that are open may be probed, and every key is looked at again.
    mutating func pass() async throws {
        tell("time passes")
        for (key, fuse) in model.fuses where fuse.isOpen && !fuse.isProbing {
            model.fuses[key]?.isProbing = true
            _ = try await redis.send(Command("HSET", queue("work").keys[.breaker] + key, "till", "1"))
        }
        try await lookAgain()
    }

    private func lookAgain() async throws {
        for name in Self.names {
            let blocked = queue(name).keys[.blocked]
            let keys = (try await redis.send(Command("ZRANGE", blocked, "0", "-1")).array ?? []).compactMap(
                \.text)
            for reply in try await redis.pipeline(keys.map { Command("ZADD", blocked, "XX", "1", $0) }) {
                _ = try reply.unwrap()
            }
        }
    }

    /// Claims all that can start until nothing that can is left; then what runs is forgotten, and again.
    mutating func drain() async throws {
        for _ in 0..<dice.roll(1..<4) {
            var (idle, left) = (0, Set<ID>())
            repeat {
                idle += 1
                if try await claimAll() > 0 { idle = 0 }
                left = Set(Self.names.flatMap { model.claimable(in: $0) })
            } while idle == 0 || idle < Self.patience && !(left.isEmpty && model.ids(.suspect).count <= idle)
            try expect(left.isEmpty, "\(left) could start, but claims of all left them.")
            try await check(explaining: true)
            try await lapse(all: true)
            try await reclaim()
            try await comeBack()
        }
    }

    /// Rounds without a claim after which none is to be hoped for.
    private static let patience = 12

    private mutating func claimAll() async throws -> Int {
        var count = 0
        try await lookAgain()
        for name in Self.names {
            try await promote(name)
            let claims = try await call(name, [], wanted: 100, suspect: true)
            ghosts[name, default: []] += claims
            count += claims.count
        }
        return count
    }
}

extension Chance {
    mutating func pickAny<Item>(_ items: [Item]) -> Item? { items.isEmpty ? nil : pick(items) }
}
