import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `A job whose worker died` {
    @Test func `runs again with a crash and no attempt spent`() async throws {
        let site = try Site()
        let id = try await site.add(1, .low)[0]
        _ = try await site.claim()
        #expect(try await site.queue.reclaim().jobs == 0)
        try await site.overrun()
        let found = try await site.queue.reclaim()
        #expect((found.jobs, found.deaths, found.trimmed) == (1, 0, 0))
        // One for the dead worker, if it only hangs, and one for who takes the job.
        #expect(try await site.tokens(in: site.queue.keys.wake) == 2)
        #expect(try await site.state(id) == .waiting)
        let claim = try #require(try await site.claim().first)
        #expect((claim.crashes, claim.attempt, claim.delivery.number) == (1, 1, 2))
        #expect(try await site.total("crashed") == 1)
        #expect(try await site.queue.reclaim(tidying: false).jobs == 0)
    }

    @Test func `goes before all others, whatever their level`() async throws {
        let site = try Site()
        let id = try await site.add(1, .low)
        _ = try await site.claim()
        try await site.overrun()
        _ = try await site.queue.reclaim()
        let high = try await site.add(1, .high)
        #expect(try await site.claim(2).map(\.delivery.id) == id + high)
    }

    @Test func `is dead the third time, with the reason, and can still be revived`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        try await site.settle(try await site.claim(), .retry(after: .zero, .hiccup))
        try await site.fallDue()
        _ = try await site.queue.promote()
        for death in 1...3 {
            _ = try await site.claim()
            try await site.overrun()
            #expect(try await site.queue.reclaim().deaths == (death == 3 ? 1 : 0))
        }
        #expect(try await site.traces(of: id) == ["dead", "graves", "jobs", "tries"])
        let sight = try #require(try await site.look(id))
        #expect(sight.state == .dead)
        #expect(sight.reason == "Its worker died 3 times while it ran.")
        #expect((sight.crashes, sight.attempts, sight.errors.count) == (3, 1, 1))
        #expect(try await site.queue.retry(id))
        let claim = try #require(try await site.claim().first)
        #expect((claim.crashes, claim.attempt) == (0, 1))
    }

    @Test func `keeps its crashes apart from its errors`() async throws {
        let site = try Site { $0.crashLimit = 100 }
        try await site.add()
        for round in 1...4 {
            _ = try await site.claim()
            try await site.overrun()
            _ = try await site.queue.reclaim()
            let claim = try #require(try await site.claim().first)
            #expect((claim.attempt, claim.crashes) == (round, round))
            try await site.settle([claim], .retry(after: .zero, .hiccup))
            try await site.fallDue()
            _ = try await site.queue.promote()
        }
    }

    @Test func `is found with thousands of others`() async throws {
        let site = try Site()
        for _ in 0..<5 { try await site.add(500) }
        for _ in 0..<5 { #expect(try await site.claim(500).count == 500) }
        try await site.overrun()
        var found: [Int] = []
        repeat { found.append(try await site.queue.reclaim().jobs) } while found.last == 1_000
        #expect(found == [1_000, 1_000, 500])
        let depths = try await site.queue.depths()
        #expect((depths.suspects, depths.running, depths.backlog) == (0, 0, 2_500))
    }

    @Test func `was ended meanwhile leaves nothing behind`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        _ = try await site.claim()
        _ = try await site.redis.send(Command("HDEL", site.queue.keys.jobs, id.text))
        try await site.overrun()
        #expect(try await site.queue.reclaim().jobs == 1)
        #expect(try await site.traces().isEmpty)
    }
}

@Suite struct `Suspects` {
    @Test func `are claimed one at a time, and only by whom may take one`() async throws {
        let site = try Site()
        let ids = try await site.add(4)
        try await site.loseTwice(4)
        let fresh = try await site.add(2)
        #expect(try await site.claim(10, suspect: false).map(\.delivery.id) == fresh)
        var taken: [ID] = []
        for _ in 0..<4 {
            let claims = try await site.claim(10)
            #expect(claims.count == 1)
            taken += claims.map(\.delivery.id)
        }
        // The oldest goes first.
        #expect(taken.map(\.text) == ids.map(\.text).sorted())
        #expect(try await site.claim(10).isEmpty)
    }

    @Test func `left behind wake the next worker`() async throws {
        let site = try Site()
        try await site.add(2)
        try await site.loseTwice(2)
        _ = try await site.redis.send(Command("DEL", site.queue.keys.wake))
        _ = try await site.claim(10)
        #expect(try await site.tokens(in: site.queue.keys.wake) == 1)
        _ = try await site.redis.send(Command("DEL", site.queue.keys.wake))
        _ = try await site.claim(10)
        #expect(try await site.tokens(in: site.queue.keys.wake) == 0)
    }

    /// Three workers take ten jobs at a time and die whenever the poison is among them.
    @Test func `are how a poison job dies alone among fifty innocents`() async throws {
        let site = try Site()
        var innocents = Set(try await site.add(25))
        let poison = try await site.add()[0]
        innocents.formUnion(try await site.add(25))
        for _ in 0..<100 {
            for _ in 0..<3 {
                let claims = try await site.claim(10)
                if !claims.contains(where: { $0.delivery.id == poison }) {
                    try await site.settle(claims, .done(nil))
                }
            }
            try await site.overrun()
            _ = try await site.queue.reclaim()
            let depths = try await site.queue.depths()
            if depths.backlog + depths.running == 0 { break }
        }
        #expect(try await site.state(poison) == .dead)
        for id in innocents {
            let sight = try await site.look(id)
            #expect(sight?.state == .done)
            #expect(try #require(sight?.crashes) <= 2)
        }
    }
}

@Suite struct `A damaged envelope` {
    @Test(arguments: [
        "", "x", "garbage that is long enough to have a fifteenth byte",
        "{\"l\":\"h\",\"w\":\"\",\"i\":\"?\"}",
    ])
    func `stops no other job, and ends among the dead where it is shown`(damage: String) async throws {
        let site = try Site()
        let ids = try await site.add(3)
        _ = try await site.redis.send(Command("HSET", site.queue.keys.jobs, ids[1].text, damage))
        let haul = try await site.work([], claiming: 3)
        #expect(haul.claims.map(\.delivery.id) == [ids[0], ids[2]])
        #expect(haul.damaged.map(\.delivery.id) == [ids[1]])
        try await site.settle(haul.damaged, .dead(Failure(.broken, "The job's envelope is damaged.")))
        try await site.settle(haul.claims, .done(nil))
        let all = try await site.queue.list(Queue.Filter(), limit: 10).jobs
        #expect(all.map(\.state) == (damage.isEmpty ? [.done, .done] : [.dead, .done, .done]))
        #expect(try await site.queue.retry(ids[1]))
        #expect(try await site.work([], claiming: 1).damaged.count == 1)
        try await site.overrun()
        #expect(try await site.queue.reclaim().jobs == 1)
        #expect(try await site.queue.cancel(ids[1], reason: "damaged") == .cancelled)
    }
}

extension Site {
    /// Lets two workers die, one after the other, with that many jobs.
    fileprivate func loseTwice(_ count: Int) async throws {
        for _ in 0..<2 {
            #expect(try await claim(count).count == count)
            try await overrun()
            #expect(try await queue.reclaim().jobs == count)
        }
    }
}
