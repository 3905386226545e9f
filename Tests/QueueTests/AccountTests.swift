import Core
import Foundation
import Redis
import TestHouse
import Testing

@testable import Queue

/// The keys a queue may ever have, and of those the ones that stay.
private enum Registry {
    static let all = Keys.Name.allCases.map(\.rawValue)
    static let staying: Set = ["wake", "alarm", "seq", "stats"]

    static func knows(_ key: String) -> Bool {
        all.contains { key == $0 || $0.hasSuffix(":") && key.hasPrefix($0) }
    }
}

@Suite struct `The accounts of a queue` {
    /// Leads `count` jobs to each end there is; each key seen on the way is in the registry.
    private func run(_ count: Int, on site: Site) async throws {
        var verdicts = `A worker that lost its lease`.verdicts
        verdicts.removeAll { if case .parked = $0 { true } else { false } }
        for verdict in verdicts {
            try await site.add(count)
            let claims = try await site.claim(count)
            for claim in claims.prefix(20) {
                _ = try await site.queue.report(claim, state: ["percent": 1], news: ["percent": 1])
                _ = try await site.queue.cancel(claim.delivery.id, reason: "r")
            }
            _ = try await site.queue.renew(
                claims.map { .init($0.delivery, holder: .init(worker: "w", started: .now)) })
            try await site.settle(claims, verdict)
        }
        try await crash(min(count, 30), on: site)
        let once = Queue.Once(key: "k", fingerprint: "f")
        _ = try await site.queue.admit(Envelope(name: "job", arguments: []), once: once)
        for id in try await site.add(50, due: .now + .seconds(900)) {
            _ = try await site.queue.cancel(id, reason: "r")
        }
        #expect(try await site.keys().filter { !Registry.knows($0) } == [])
        try await drain(site)
    }

    /// Lets a worker die three times with all it holds.
    private func crash(_ count: Int, on site: Site) async throws {
        try await site.add(count)
        for _ in 0..<3 {
            while try await !site.claim(count).isEmpty {}
            try await site.overrun()
            while try await site.queue.reclaim().hasMore {}
        }
    }

    private func drain(_ site: Site) async throws {
        while true {
            try await site.fallDue()
            _ = try await site.queue.promote()
            let claims = try await site.claim(1_000)
            if claims.isEmpty { return }
            try await site.settle(claims, .done(["x": 1]))
        }
    }

    @Test func `balance: when the retention is over nothing is left, in keys or in memory`() async throws {
        // The log of slow commands would count as growth on a slow machine.
        let server = try await RedisServer("--slowlog-log-slower-than", "-1")
        let site = try Site(on: server) {
            $0.retention = .seconds(1)
            $0.eventRetention = .seconds(1)
            $0.deadRetention = .zero
        }
        // The first round loads the scripts and sizes what Redis sizes once.
        try await run(20, on: site)
        try await settleAccounts(site)
        let before = try await usedMemory(site)
        for _ in 0..<5 { try await run(300, on: site) }
        try await settleAccounts(site)
        // Redis frees what has expired a little after it shows it no more.
        // A tenth of what one forgotten hash field a job would take.
        let most = before * 102 / 100 + 50_000
        var after = 0
        let deadline = ContinuousClock.now + .seconds(30)
        repeat {
            after = try await usedMemory(site)
        } while after > most && ContinuousClock.now < deadline
        #expect(after <= most, "\(before) bytes became \(after).")
        #expect(try await site.total("ended") > 8_000)
    }

    /// Waits until nothing is shown any more that expires.
    private func settleAccounts(_ site: Site) async throws {
        _ = try await site.redis.send(Command("DEL", site.queue.keys.once("k")))
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            _ = try await site.queue.reclaim()
            let left = try await site.keys().subtracting(Registry.staying)
            if left.isEmpty { return }
            guard ContinuousClock.now < deadline else { return #expect(left == []) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What Redis has in use, apart from the buffers of connections.
    private func usedMemory(_ site: Site) async throws -> Int {
        _ = try await site.redis.send(Command("SCRIPT", "FLUSH"))
        let info = try await site.redis.send(Command("INFO", "memory")).text ?? ""
        let numbers = ["used_memory:", "mem_clients_normal:"].map { name in
            info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name) }.flatMap {
                Int($0.dropFirst(name.count))
            }
        }
        return try #require(numbers[0]) - (try #require(numbers[1]))
    }

    @Test func `hold for every key that is spelled`() {
        let keys = Keys(prefix: "p", queue: "q")
        #expect(Keys.Name.allCases.map { keys[$0] } == Registry.all.map { "p:{q}:" + $0 })
        #expect(keys.ended(hour: 5) == "p:{q}:ended:5")
        #expect(keys.ended(ID(milliseconds: 5 * 3_600_000 + 1)) == keys.ended(hour: 5))
    }
}
