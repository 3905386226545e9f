import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `A settled job` {
    /// A claim whose attempt has left every mark it can.
    private func markedClaim(_ site: Site) async throws -> Claim {
        try await site.add()
        let first = try await site.claim()
        try await site.settle(first, .retry(after: .zero, .hiccup))
        try await site.fallDue()
        _ = try await site.queue.promote()
        _ = try await site.claim()
        try await site.overrun()
        _ = try await site.queue.reclaim()
        let claim = try #require(try await site.claim().first)
        _ = try await site.queue.report(claim, state: ["percent": 50], news: ["percent": 50])
        _ = try await site.queue.renew([.init(claim.delivery, holder: .init(worker: "w9", started: .now))])
        let marks = ["crashes", "errors", "holders", "jobs", "leases", "progress", "tries"]
        #expect(try await site.traces(of: claim.delivery.id) == marks)
        #expect(claim.attempt == 2)
        #expect(claim.crashes == 1)
        return claim
    }

    @Test func `that is done leaves its record and nothing else`() async throws {
        let site = try Site()
        let claim = try await markedClaim(site)
        var settlement = Settlement(claim, .done(["sum": 3]), started: Moment(milliseconds: 5), worker: "w1")
        settlement.progress = ["percent": 100]
        #expect(try await site.work([settlement]).refused.isEmpty)
        #expect(try await site.traces(of: claim.delivery.id) == ["ended"])
        let sight = try #require(try await site.look(claim.delivery.id))
        #expect(sight.state == .done)
        #expect(sight.result == ["sum": 3])
        #expect(sight.progress == ["percent": 100])
        #expect((sight.attempts, sight.crashes, sight.errors.count) == (2, 1, 1))
        #expect(sight.worker == "w1")
        #expect(sight.started == Moment(milliseconds: 5))
        #expect(sight.finished != nil)
        #expect(sight.envelope.name == "job")
    }

    @Test func `can be read for the retention`() async throws {
        let site = try Site { $0.retention = .seconds(500) }
        let id = try await site.add()[0]
        try await site.settle(try await site.claim(), .done(nil))
        let ttl = try await site.redis.send(Command("TTL", site.queue.keys.ended(id))).integer ?? 0
        #expect((400...500).contains(ttl))
    }

    @Test func `A13 that was cancelled or had expired says so and leaves nothing else`() async throws {
        let site = try Site()
        let cancelled = try await markedClaim(site)
        try await site.settle([cancelled], .cancelled(reason: "no \"more\""))
        #expect(try await site.traces(of: cancelled.delivery.id) == ["ended"])
        let sight = try await site.look(cancelled.delivery.id)
        #expect(sight?.state == .cancelled)
        #expect(sight?.reason == "no \"more\"")
        let expired = try await markedClaim(site)
        try await site.settle([expired], .expired)
        #expect(try await site.traces(of: expired.delivery.id) == ["ended"])
        #expect(try await site.look(expired.delivery.id)?.state == .expired)
        #expect(try await site.look(expired.delivery.id)?.attempts == 1)
        #expect(try await site.look(expired.delivery.id)?.progress == Optional<JSON>.none)
    }

    @Test func `that is dead keeps its envelope and its errors`() async throws {
        let site = try Site()
        let claim = try await markedClaim(site)
        try await site.settle([claim], .dead(Failure(.invalid, "It cannot be.")))
        #expect(try await site.traces(of: claim.delivery.id) == ["dead", "graves", "jobs", "tries"])
        let sight = try #require(try await site.look(claim.delivery.id))
        #expect(sight.state == .dead)
        #expect(sight.errors.compactMap { $0["message"]?.string } == ["Not now.", "It cannot be."])
        #expect(sight.errors.compactMap { $0["attempt"]?.integer } == [1, 2])
        #expect(sight.crashes == 1)
        #expect(sight.attempts == 2)
    }

    @Test func `that is to be retried waits for its pause with its error`() async throws {
        let site = try Site()
        let id = try await site.add(1, .high)[0]
        let before = Moment.now
        try await site.settle(try await site.claim(), .retry(after: .seconds(90), .hiccup))
        #expect(try await site.traces(of: id) == ["errors", "jobs", "later", "tries"])
        let sight = try #require(try await site.look(id))
        #expect(sight.state == .scheduled)
        #expect(sight.attempts == 1)
        #expect(try #require(sight.due) - before > .seconds(80))
        #expect(sight.errors.first?["kind"] == "unavailable")
        try await site.fallDue()
        _ = try await site.queue.promote()
        let again = try #require(try await site.claim().first)
        #expect(again.attempt == 2)
        #expect(again.delivery.number == 2)
        #expect(again.envelope.level == .high)
    }

    @Test func `that snoozes, or is given back, spends no attempt`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        try await site.settle(try await site.claim(), .snooze(.seconds(10)))
        #expect(try await site.traces(of: id) == ["jobs", "later", "tries"])
        try await site.fallDue()
        _ = try await site.queue.promote()
        try await site.settle(try await site.claim(), .released)
        #expect(try await site.traces(of: id) == ["jobs", "ready:normal", "tries"])
        let claim = try #require(try await site.claim().first)
        #expect(claim.attempt == 1)
        #expect(claim.crashes == 0)
        #expect(claim.delivery.number == 3)
    }

    @Test func `that is given back goes before all that wait at its level`() async throws {
        let site = try Site()
        let ids = try await site.add(3)
        try await site.settle(try await site.claim(1), .released)
        #expect(try await site.tokens(in: site.queue.keys.wake) == 1)
        #expect(try await site.claim(3).map(\.delivery.id) == ids)
    }

    @Test func `that nobody here knows is kept until somebody does`() async throws {
        let site = try Site()
        let id = try await site.add(1, .low, name: "new_job")[0]
        try await site.settle(try await site.claim(), .parked)
        #expect(try await site.traces(of: id) == ["jobs", "parked", "tries"])
        #expect(try await site.state(id) == .parked)
        #expect(try await site.queue.reclaim().parked == 1)
        #expect(try await site.queue.unpark(["other"]) == 0)
        #expect(try await site.queue.unpark(["other", "new_job"]) == 1)
        #expect(try await site.traces(of: id) == ["jobs", "ready:low", "tries"])
        #expect(try await site.claim().first?.attempt == 1)
    }

    @Test func `C8 keeps its ten last errors and the right count of attempts`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        for _ in 0..<13 {
            try await site.settle(try await site.claim(), .retry(after: .zero, .hiccup))
            try await site.fallDue()
            _ = try await site.queue.promote()
        }
        #expect(try await site.claim().first?.attempt == 14)
        let sight = try #require(try await site.look(id))
        #expect(sight.errors.compactMap { $0["attempt"]?.integer } == Array(4...13))
        #expect(sight.attempts == 14)
    }

    @Test func `and the next ones travel in one call`() async throws {
        let site = try Site()
        let ids = try await site.add(4)
        let first = try await site.claim(2)
        let ended = first.map { Settlement($0, .done(nil), started: .now, worker: "w1") }
        let haul = try await site.work(ended, claiming: 2)
        #expect(haul.claims.map(\.delivery.id) == Array(ids[2...]))
        #expect(haul.hasMore)
        #expect(try await site.work([], claiming: 1).hasMore == false)
    }
}

@Suite struct `A dead job` {
    private func bury(_ site: Site, _ count: Int = 1) async throws -> [ID] {
        let ids = try await site.add(count, .high)
        try await site.settle(try await site.claim(count), .dead(.hiccup))
        return ids
    }

    @Test func `can be retried, with all attempts before it`() async throws {
        let site = try Site()
        let id = try await bury(site)[0]
        #expect(try await site.queue.retry(id))
        #expect(try await site.traces(of: id) == ["jobs", "ready:high", "tries"])
        #expect(try await !site.queue.retry(id))
        let claim = try #require(try await site.claim().first)
        #expect(claim.attempt == 1)
        #expect(claim.delivery.number == 3)
        #expect(try await site.total("revived") == 1)
        try await site.settle([claim], .done(nil))
        #expect(try await site.traces(of: id) == ["ended"])
        #expect(try await !site.queue.retry(id))
        #expect(try await !site.queue.retry(ID()))
    }

    @Test func `goes when it is too old`() async throws {
        let site = try Site { $0.deadRetention = .seconds(-1) }
        let ids = try await bury(site, 3)
        #expect(try await site.queue.reclaim(tidying: false).trimmed == 0)
        #expect(try await site.queue.reclaim().trimmed == 3)
        #expect(try await site.traces().isEmpty)
        #expect(try await site.state(ids[0]) == nil)
    }

    @Test func `goes when there are too many, the oldest first`() async throws {
        let site = try Site { $0.deadLimit = 500 }
        var ids: [ID] = []
        for _ in 0..<3 { ids += try await bury(site, 600) }
        let first = try await site.queue.reclaim()
        #expect(first.trimmed == 1_000)
        #expect(first.hasMore)
        #expect(try await site.queue.reclaim().trimmed == 300)
        #expect(try await site.queue.reclaim().trimmed == 0)
        let kept = try await site.traces()
        #expect(kept.count == 500)
        #expect(try await site.queue.depths().dead == 500)
        #expect(Set(kept.keys).isDisjoint(with: ids[..<600]))
    }
}
