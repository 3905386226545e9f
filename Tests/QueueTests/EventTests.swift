import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `G10 Events` {
    /// Leads jobs through every transition there is.
    private func live(_ site: Site) async throws {
        let ids = try await site.add(8)
        let claims = try await site.claim(6)
        _ = try await site.queue.report(claims[0], state: ["percent": 1], news: ["percent": 1])
        try await site.settle([claims[0]], .done(["sum": 1]))
        try await site.settle([claims[1]], .retry(after: .seconds(5), .hiccup))
        try await site.settle([claims[2]], .dead(.hiccup))
        try await site.settle([claims[3]], .parked)
        try await site.settle([claims[4]], .expired)
        try await site.settle([claims[5]], .released)
        _ = try await site.queue.cancel(ids[7], reason: "r")
        try await site.settle(try await site.claim(), .snooze(.seconds(6)))
        _ = try await site.claim()
        try await site.overrun()
        _ = try await site.queue.reclaim()
        _ = try await site.queue.retry(ids[2])
        let hopeless = try await site.claim(1)
        try await site.settle(hopeless, .dead(.hiccup))
        _ = try await site.queue.discard(hopeless.map(\.delivery.id))
        _ = try await site.queue.unpark(["job"])
        try await site.add(due: .now + .seconds(7))
        try await site.fallDue()
        _ = try await site.queue.promote()
    }

    @Test func `tell of every transition, published as kept, without a hole`() async throws {
        let site = try Site()
        let subscription = site.redis.subscribe([site.queue.channel])
        var messages = subscription.makeAsyncIterator()
        #expect(await messages.next() == .ready)
        try await live(site)
        let last = try await site.queue.lastSequence()
        var heard: [EventBatch] = []
        while heard.last?.sequence != last, case .message(_, let payload)? = await messages.next() {
            heard.append(try #require(EventBatch(message: payload)))
        }
        let kept = try await site.queue.replay(after: 0)
        #expect(heard.map(\.sequence) == Array(1...last))
        #expect(kept.map(\.sequence) == heard.map(\.sequence))
        #expect(kept.map(\.events) == heard.map(\.events))
        let kinds = Set(kept.flatMap(\.events).map(\.kind))
        #expect(kinds == Set(Event.Kind.allCases))
        #expect(kept.flatMap(\.events).allSatisfy { $0.workspace == "acme" })
        await subscription.close()
    }

    @Test func `tell one job's story in its order, with what happened`() async throws {
        let site = try Site()
        let id = try await site.add(due: .now + .seconds(50))[0]
        try await site.fallDue()
        _ = try await site.queue.promote()
        try await site.settle(try await site.claim(), .retry(after: .seconds(9), .hiccup))
        try await site.fallDue()
        _ = try await site.queue.promote()
        let claim = try await site.claim()[0]
        _ = try await site.queue.report(claim, state: [:], news: ["percent": 5])
        try await site.settle([claim], .done(["sum": 1]))
        let story = try await site.queue.replay(after: 0).flatMap(\.events).filter { $0.job == id }
        #expect(
            story.map(\.kind) == [
                .scheduled, .waiting, .running, .retrying, .waiting, .running, .progress, .done,
            ])
        #expect(story[3].detail == ["error": "Not now.", "pause_ms": 9_000])
        #expect(story[6].detail == ["percent": 5])
        #expect(story[7].detail == ["result": ["sum": 1]])
    }

    @Test func `are replayed from where a reader stopped`() async throws {
        let site = try Site()
        for _ in 0..<5 { try await site.add() }
        #expect(try await site.queue.replay(after: 3).map(\.sequence) == [4, 5])
        #expect(try await site.queue.replay(after: 1, limit: 2).map(\.sequence) == [2, 3])
        #expect(try await site.queue.replay(after: 5).isEmpty)
        #expect(try await Site().queue.lastSequence() == 0)
    }

    @Test func `leave out results that are large, each and together`() async throws {
        let site = try Site()
        try await site.add(41)
        let large = JSON.string(String(repeating: "x", count: 5_000))
        try await site.settle(try await site.claim(1), .done(large))
        let some = JSON.string(String(repeating: "x", count: 4_000))
        try await site.settle(try await site.claim(40), .done(some))
        let done = try await site.queue.replay(after: 0).flatMap(\.events).filter { $0.kind == .done }
        #expect(done.count == 41)
        #expect(done[0].detail == nil)
        #expect(done[1...].filter { $0.detail != nil }.count == 65_536 / 4_002)
    }

    @Test func `are kept for a while and up to a number`() async throws {
        let site = try Site { $0.eventRetention = .seconds(700) }
        try await withThrowingTaskGroup { group in
            for _ in 0..<13 { group.addTask { for _ in 0..<100 { try await site.add(11) } } }
            try await group.waitForAll()
        }
        let ttl = try await site.redis.send(Command("TTL", site.queue.keys.events)).integer ?? 0
        #expect((600...700).contains(ttl))
        let length = try await site.redis.send(Command("XLEN", site.queue.keys.events)).integer ?? 0
        #expect((1_000...1_100).contains(length))
        #expect(try await site.queue.lastSequence() == 1_300)
        let first = try #require(try await site.queue.replay(after: 0, limit: 1).first)
        #expect(first.sequence > 1)
    }

    @Test func `go on counting after the stream has expired`() async throws {
        let site = try Site()
        try await site.add()
        _ = try await site.redis.send(Command("DEL", site.queue.keys.events))
        try await site.add()
        #expect(try await site.queue.replay(after: 0).map(\.sequence) == [2])
    }

    @Test(arguments: ["", "5", "x\ndone", "\ndone a b"])
    func `are not read from a message that is none`(message: String) {
        #expect(EventBatch(message: Array(message.utf8)) == nil)
    }
}
