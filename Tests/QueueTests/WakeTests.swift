import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `The wake token` {
    @Test func `is put for a list that was empty, and there is one at most`() async throws {
        let site = try Site()
        let wake = site.queue.keys.wake
        try await site.add()
        #expect(try await site.tokens(in: wake) == 1)
        try await site.add(5)
        try await site.add(1, .high)
        #expect(try await site.tokens(in: wake) == 1)
        _ = try await site.redis.send(Command("DEL", wake))
        try await site.add()
        #expect(try await site.tokens(in: wake) == 0)
        try await site.add(1, .low)
        #expect(try await site.tokens(in: wake) == 1)
    }

    @Test func `is put by a worker that leaves jobs behind, and by no other`() async throws {
        let site = try Site()
        try await site.add(3)
        for (wanted, tokens) in [(1, 1), (1, 1), (1, 0)] as [(Int, Int64)] {
            _ = try await site.redis.send(Command("DEL", site.queue.keys.wake))
            #expect(try await site.claim(wanted).count == wanted)
            #expect(try await site.tokens(in: site.queue.keys.wake) == tokens)
        }
        _ = try await site.claim(1)
        #expect(try await site.tokens(in: site.queue.keys.wake) == 0)
    }

    @Test func `reaches many idle workers in a chain, each taking a few of many jobs`() async throws {
        let site = try Site()
        let taken = try await withThrowingTaskGroup(of: [ID].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let blocker = site.redis.blocker()
                    let woken = try await Queue.awaitWork(
                        in: [site.queue], [0], on: blocker, for: .seconds(20))
                    let claims = try await site.claim(5)
                    await blocker.close()
                    return woken == 0 ? claims.map(\.delivery.id) : []
                }
            }
            try await site.waitForBlocked(8)
            let ids = try await site.add(40)
            let taken = try await group.reduce(into: []) { $0 += $1 }
            #expect(Set(taken) == Set(ids))
            return taken
        }
        #expect(taken.count == 40)
        #expect(try await site.tokens(in: site.queue.keys.wake) == 0)
    }

    @Test func `names the queue that has work`() async throws {
        let site = try Site()
        let other = Queue("other", on: site.redis, settings: site.queue.settings)
        try await other.enqueue([Envelope(name: "x", arguments: [])])
        let blocker = site.redis.blocker()
        let queues = [site.queue, other]
        #expect(try await Queue.awaitWork(in: queues, [0, 1], on: blocker, for: .seconds(5)) == 1)
        #expect(try await Queue.awaitWork(in: queues, [0, 1], on: blocker, for: .milliseconds(20)) == nil)
        await blocker.close()
    }

    @Test func `that a full worker took goes back, and is still one`() async throws {
        let site = try Site()
        try await site.queue.passOn()
        try await site.queue.passOn()
        #expect(try await site.tokens(in: site.queue.keys.wake) == 1)
        try await site.queue.passAlarmOn()
        try await site.queue.passAlarmOn()
        #expect(try await site.tokens(in: site.queue.keys.alarm) == 1)
    }

    @Test func `taken in the moment of a cancel is still handed over`() async throws {
        let site = try Site()
        for _ in 0..<30 {
            let waiting = Task {
                let blocker = site.redis.blocker()
                let woken = try await Queue.awaitWork(in: [site.queue], [0], on: blocker, for: .seconds(20))
                await blocker.close()
                return woken
            }
            try await site.waitForBlocked(1)
            async let put: Void = site.queue.passOn()
            waiting.cancel()
            _ = try await put
            let got = try? await waiting.value
            let left = try await site.tokens(in: site.queue.keys.wake) ?? 0
            #expect((got == 0) == (left == 0), "A token is either with the waiter or in the list.")
            _ = try await site.redis.send(Command("DEL", site.queue.keys.wake))
        }
    }
}

@Suite struct `The book of workers` {
    @Test func `lists who was heard of lately and strikes who leaves`() async throws {
        let site = try Site()
        let workers = Workers(on: site.redis, prefix: site.queue.settings.prefix)
        #expect(try await workers.list().isEmpty)
        try await workers.beat("w:1", about: ["running": 3])
        try await workers.beat("w:2", about: [:])
        #expect(try await workers.list().map(\.id).sorted() == ["w:1", "w:2"])
        #expect(try await workers.list().first { $0.id == "w:1" }?.about["running"] == 3)
        try await workers.leave("w:1")
        #expect(try await workers.list().map(\.id) == ["w:2"])
        _ = try await site.redis.send(Command("DEL", Keys.worker(site.queue.settings.prefix, "w:2")))
        #expect(try await workers.list().isEmpty)
        let ttl =
            try await site.redis.send(Command("PTTL", Keys.workers(site.queue.settings.prefix))).integer ?? 0
        #expect((1...45_000).contains(ttl))
    }
}
