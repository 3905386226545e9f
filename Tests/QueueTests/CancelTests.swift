import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `Cancelling a job` {
    @Test func `that nobody knows, or that has ended, changes nothing`() async throws {
        let site = try Site()
        #expect(try await site.queue.cancel(ID(), reason: "r") == .missing)
        let id = try await site.add()[0]
        try await site.settle(try await site.claim(), .done(nil))
        #expect(try await site.queue.cancel(id, reason: "r") == .missing)
        #expect(try await site.state(id) == .done)
    }

    @Test(arguments: Envelope.Level.allCases)
    func `that waits ends it at once`(level: Envelope.Level) async throws {
        let site = try Site()
        let ids = try await site.add(3, level)
        #expect(try await site.queue.cancel(ids[1], reason: "not \"needed\"\n") == .cancelled)
        #expect(try await site.traces(of: ids[1]) == ["ended"])
        let sight = try #require(try await site.look(ids[1]))
        #expect(sight.state == .cancelled)
        #expect(sight.reason == "not \"needed\"\n")
        #expect(sight.envelope.arguments == Array("{}".utf8))
        #expect(sight.finished != nil)
        #expect(try await site.claim(3).map(\.delivery.id) == [ids[0], ids[2]])
        #expect(try await site.queue.cancel(ids[1], reason: "again") == .missing)
    }

    @Test func `that is scheduled, retrying, suspect or parked ends it at once, its errors kept`()
        async throws
    {
        let site = try Site()
        let scheduled = try await site.add(due: .now + .seconds(50))[0]
        let others = try await site.add(3)
        let claims = try await site.claim(3)
        try await site.settle([claims[0]], .retry(after: .seconds(50), .hiccup))
        try await site.settle([claims[1]], .parked)
        try await site.overrun()
        _ = try await site.queue.reclaim()
        for id in [scheduled] + others {
            #expect(try await site.queue.cancel(id, reason: "r") == .cancelled)
            #expect(try await site.traces(of: id) == ["ended"])
            #expect(try await site.state(id) == .cancelled)
        }
        #expect(try await site.look(others[0])?.errors.count == 1)
        #expect(try await site.look(others[0])?.attempts == 1)
        try await site.fallDue()
        _ = try await site.queue.promote()
        #expect(try await site.queue.unpark(["job"]) == 0)
        #expect(try await site.claim(10).isEmpty)
    }

    @Test func `that is dead leaves it dead`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        try await site.settle(try await site.claim(), .dead(.hiccup))
        #expect(try await site.queue.cancel(id, reason: "r") == .dead)
        #expect(try await site.state(id) == .dead)
    }

    @Test func `in a list too long to search leaves an id that nobody gets, now or later`() async throws {
        let site = try Site()
        let ids = try await site.add(1_000) + site.add(5)
        #expect(try await site.queue.cancel(ids[0], reason: "r") == .cancelled)
        #expect(try await site.traces(of: ids[0]) == ["ended", "ready:normal"])
        #expect(try await site.state(ids[0]) == .cancelled)
        #expect(try await site.claim(1_000).count == 1_000)
        #expect(try await site.traces(of: ids[0]) == ["ended"])
        #expect(try await site.claim(10).count == 4)
    }
}

@Suite struct `Cancelling a running job` {
    private func running(_ site: Site) async throws -> Claim {
        try await site.add()
        return try #require(try await site.claim().first)
    }

    @Test func `asks its worker, through the channel and with the next renewal`() async throws {
        let site = try Site()
        let claim = try await running(site)
        let channel = site.redis.subscribe([site.queue.controlChannel])
        var events = channel.makeAsyncIterator()
        #expect(await events.next() == .ready)
        #expect(try await site.queue.cancel(claim.delivery.id, reason: "stop \"it\"") == .running)
        guard case .message(_, let payload) = await events.next() else {
            return #expect(Bool(false), "No message came.")
        }
        #expect(Queue.cancelRequest(payload)?.delivery == claim.delivery)
        #expect(Queue.cancelRequest(payload)?.reason == "stop \"it\"")
        let cancelled = try await site.queue.renew([.init(claim.delivery)]).cancelled
        #expect(cancelled.map(\.delivery) == [claim.delivery])
        #expect(cancelled.map(\.reason) == ["stop \"it\""])
        #expect(try await site.state(claim.delivery.id) == .running)
        await channel.close()
    }

    @Test(arguments: [Verdict.retry(after: .zero, .hiccup), .snooze(.zero), .released, .parked])
    func `ends it even if its attempt wants to go on`(verdict: Verdict) async throws {
        let site = try Site()
        let claim = try await running(site)
        _ = try await site.queue.cancel(claim.delivery.id, reason: "enough")
        try await site.settle([claim], verdict)
        #expect(try await site.traces(of: claim.delivery.id) == ["ended"])
        let sight = try await site.look(claim.delivery.id)
        #expect(sight?.state == .cancelled)
        #expect(sight?.reason == "enough")
        #expect(sight?.envelope.name == "job")
        #expect(try await site.queue.replay(after: 0).flatMap(\.events).last?.kind == .cancelled)
        try await site.fallDue()
        _ = try await site.queue.promote()
        #expect(try await site.claim().isEmpty)
    }

    @Test func `that ends or dies anyway is what it is, and the wish goes with it`() async throws {
        let site = try Site()
        for verdict in [Verdict.done(nil), .dead(.hiccup), .cancelled(reason: "heard")] {
            let claim = try await running(site)
            _ = try await site.queue.cancel(claim.delivery.id, reason: "r")
            // Its worker has not heard of the cancel and so does not know of a mark to clear.
            _ = try await site.work([Settlement(claim, verdict, started: .now, worker: "w")])
            #expect(try await !site.traces(of: claim.delivery.id).contains("cancels"))
        }
        #expect(try await site.queue.depths().dead == 1)
    }

    @Test func `whose worker then dies is cancelled when it is met again`() async throws {
        let site = try Site()
        let claim = try await running(site)
        _ = try await site.queue.cancel(claim.delivery.id, reason: "r")
        try await site.overrun()
        _ = try await site.queue.reclaim()
        let again = try #require(try await site.claim().first)
        #expect(try await site.queue.renew([.init(again.delivery)]).cancelled.count == 1)
        try await site.settle([again], .cancelled(reason: "r"))
        #expect(try await site.traces(of: again.delivery.id) == ["ended"])
    }

    @Test func `never brings it back`() async throws {
        let site = try Site()
        let claim = try await running(site)
        _ = try await site.queue.cancel(claim.delivery.id, reason: "r")
        try await site.settle([claim], .cancelled(reason: "r"))
        #expect(try await site.queue.admit(claim.envelope) == .known)
        #expect(try await !site.queue.retry(claim.delivery.id))
        #expect(try await site.queue.cancel(claim.delivery.id, reason: "r") == .missing)
        #expect(try await site.settle([claim], .released) == [claim.delivery])
        #expect(try await site.claim().isEmpty)
        #expect(try await site.state(claim.delivery.id) == .cancelled)
    }

    @Test(arguments: ["", "\n", "x\n\"r\"", "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
    func `is not read from a message that is none`(message: String) {
        #expect(Queue.cancelRequest(Array(message.utf8)) == nil)
    }
}
