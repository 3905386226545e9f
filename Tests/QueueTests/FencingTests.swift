import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `A worker that lost its lease` {
    static let verdicts: [Verdict] = [
        .done(["late": true]), .retry(after: .zero, .hiccup), .snooze(.zero), .dead(.hiccup), .released,
        .parked, .expired,
        .cancelled(reason: "late"),
    ]

    /// What a worker still holds of a job that another has by now.
    private func takenOver(_ site: Site) async throws -> (old: Claim, new: Claim) {
        try await site.add()
        let old = try #require(try await site.claim().first)
        try await site.overrun()
        #expect(try await site.queue.reclaim().jobs == 1)
        let new = try #require(try await site.claim().first)
        #expect(new.delivery == Delivery(id: old.delivery.id, number: 2))
        return (old, new)
    }

    @Test(arguments: verdicts.indices)
    func `is refused whatever it settles, and the job stays the other's`(index: Int) async throws {
        let site = try Site()
        let (old, new) = try await takenOver(site)
        let before = try await site.traces(of: old.delivery.id)
        #expect(try await site.settle([old], Self.verdicts[index], by: "late") == [old.delivery])
        #expect(try await site.traces(of: old.delivery.id) == before)
        #expect(try await site.total("refused") == 1)
        #expect(try await site.settle([new], .done(["by": "other"]), by: "other").isEmpty)
        #expect(try await site.settle([old], Self.verdicts[index], by: "late") == [old.delivery])
        let sight = try await site.look(old.delivery.id)
        #expect(sight?.state == .done)
        #expect(sight?.worker == "other")
        #expect(sight?.result == ["by": "other"])
        #expect(try await site.total("refused") == 2)
        #expect(try await site.total("ended") == 1)
    }

    @Test func `is refused when it renews or reports`() async throws {
        let site = try Site()
        let (old, new) = try await takenOver(site)
        let holder = Queue.Holder(worker: "late", started: .now)
        #expect(try await site.queue.renew([.init(old.delivery, holder: holder)]).lost == [old.delivery])
        #expect(try await !site.queue.report(old, state: ["percent": 1], news: ["percent": 1]))
        #expect(try await site.total("refused") == 2)
        #expect(try await site.traces(of: old.delivery.id) == ["crashes", "jobs", "leases", "tries"])
        #expect(try await site.queue.renew([.init(new.delivery)]).lost.isEmpty)
        #expect(try await site.queue.report(new, state: ["percent": 2], news: ["percent": 2]))
        try await site.settle([new], .done(nil))
        #expect(try await site.queue.renew([.init(new.delivery, holder: holder)]).lost == [new.delivery])
        #expect(try await !site.queue.report(new, state: [:], news: [:]))
        #expect(try await site.traces(of: old.delivery.id) == ["ended"])
    }

    @Test func `is refused also before another claims the job, and after it moved on`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        let old = try await site.claim()
        try await site.overrun()
        _ = try await site.queue.reclaim()
        #expect(try await site.settle(old, .done(nil)).count == 1)
        #expect(try await site.traces(of: id) == ["crashes", "jobs", "ready:high", "tries"])
        try await site.settle(try await site.claim(), .retry(after: .seconds(9), .hiccup))
        #expect(try await site.settle(old, .done(nil)).count == 1)
        #expect(try await site.settle(old, .snooze(.zero)).count == 1)
        #expect(try await site.state(id) == .scheduled)
    }

    @Test func `spoils nothing for the outcomes that travel with its own`() async throws {
        let site = try Site()
        let ids = try await site.add(9)
        let claims = try await site.claim(9)
        let stale = [claims[0], claims[4], claims[8]]
        for claim in stale {
            _ = try await site.redis.send(
                Command("ZADD", site.queue.keys.leases, "XX", "1", claim.delivery.text))
        }
        _ = try await site.queue.reclaim()
        let verdicts: [Verdict] = [
            .done(["n": 1]), .cancelled(reason: "r"), .retry(after: .seconds(9), .hiccup),
        ]
        let settlements = claims.enumerated().map { index, claim in
            Settlement(claim, verdicts[index % 3], started: .now, worker: "w", isMarked: index % 2 == 0)
        }
        let refused = try await site.work(settlements).refused
        #expect(Set(refused) == Set(stale.map(\.delivery)))
        for (index, id) in ids.enumerated() {
            let expected: [State] = [.done, .cancelled, .scheduled]
            let state = try await site.state(id)
            #expect(
                state == (stale.contains { $0.delivery.id == id } ? .waiting : expected[index % 3]),
                "job \(index)")
        }
        #expect(try await site.look(ids[3])?.result == ["n": 1])
        #expect(try await site.total("ended") == 4)
        #expect(try await site.claim(9).count == 3)
    }

    @Test func `and holds the new one too brings both outcomes, and the new one counts`() async throws {
        let site = try Site()
        let (old, new) = try await takenOver(site)
        let other = try await site.add()[0]
        let claims = try await site.claim()
        for order in [[old, new], [new, old]] where try await site.state(old.delivery.id) == .running {
            let both = order.map {
                Settlement(
                    $0, .done(["number": .integer(Int64($0.delivery.number))]), started: .now, worker: "w")
            }
            let rest = claims.map { Settlement($0, .done(nil), started: .now, worker: "w") }
            #expect(try await site.work(both + rest).refused == [old.delivery])
        }
        #expect(try await site.traces(of: old.delivery.id) == ["ended"])
        #expect(try await site.look(old.delivery.id)?.result == ["number": 2])
        #expect(try await site.state(other) == .done)
    }

    @Test(arguments: [true, false])
    func `and holds the new one brings an end and a retry, and the new one counts`(
        isEndNew: Bool
    ) async throws {
        let site = try Site()
        let (old, new) = try await takenOver(site)
        let end = Settlement(isEndNew ? new : old, .done(nil), started: .now, worker: "w")
        let retry = Settlement(
            isEndNew ? old : new, .retry(after: .seconds(9), .hiccup), started: .now, worker: "w")
        #expect(try await site.work([retry, end]).refused == [old.delivery])
        #expect(try await site.state(old.delivery.id) == (isEndNew ? .done : .scheduled))
    }
}

@Suite struct `An outcome sent twice` {
    @Test(arguments: `A worker that lost its lease`.verdicts.indices)
    func `does what it did the first time, once`(index: Int) async throws {
        let site = try Site()
        let id = try await site.add()[0]
        let claims = try await site.claim()
        let verdict = `A worker that lost its lease`.verdicts[index]
        #expect(try await site.settle(claims, verdict).isEmpty)
        let traces = try await site.traces(of: id)
        #expect(try await site.settle(claims, verdict) == claims.map(\.delivery))
        #expect(try await site.traces(of: id) == traces)
    }

    @Test func `within one call does no harm`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        let claims = try await site.claim()
        try await site.settle(claims + claims, .done(["x": 1]))
        #expect(try await site.traces(of: id) == ["ended"])
        #expect(try await site.look(id)?.result == ["x": 1])
    }
}

@Suite struct `A renewed lease` {
    @Test func `outlives the time it had`() async throws {
        let site = try Site { $0.lease = .seconds(50) }
        try await site.add(2)
        let claims = try await site.claim(2)
        try await site.overrun()
        let renewed = try await site.queue.renew([.init(claims[0].delivery)])
        #expect(renewed.lost.isEmpty)
        #expect(renewed.cancelled.isEmpty)
        #expect(try await site.queue.reclaim().jobs == 1)
        #expect(try await site.state(claims[0].delivery.id) == .running)
        #expect(try await site.state(claims[1].delivery.id) == .waiting)
    }

    @Test func `notes who holds it, once`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        let claim = try await site.claim()[0]
        let started = Moment(milliseconds: 1_234)
        _ = try await site.queue.renew([
            .init(claim.delivery, holder: .init(worker: "w\"7", started: started))
        ])
        _ = try await site.queue.renew([.init(claim.delivery)])
        let sight = try await site.look(id)
        #expect(sight?.worker == "w\"7")
        #expect(sight?.started == started)
        #expect(try await site.queue.renew([]).lost.isEmpty)
    }
}
