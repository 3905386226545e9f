import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `A job for later` {
    @Test func `waits for its time and then goes to its list, earliest first`() async throws {
        let site = try Site()
        let now = Moment.now
        let third = try await site.add(due: now + .seconds(300))[0]
        let first = try await site.add(due: now + .seconds(100))[0]
        let second = try await site.add(due: now + .seconds(200))[0]
        #expect(try await site.claim(5).isEmpty)
        let (moved, next) = try await site.queue.promote()
        #expect(moved == 0)
        #expect((.seconds(10)...(.seconds(100))).contains(try #require(next)))
        #expect(try await site.look(first)?.due == Moment(milliseconds: (now + .seconds(100)).milliseconds))
        try await site.fallDue()
        #expect(try await site.queue.promote() == (3, nil))
        #expect(try await site.claim(5).map(\.delivery.id) == [first, second, third])
    }

    @Test func `that is due already waits at once`() async throws {
        let site = try Site()
        let id = try await site.add(due: .now + .seconds(-1))[0]
        #expect(try await site.state(id) == .waiting)
        #expect(try await site.queue.promote() == (0, nil))
    }

    @Test func `keeps its level`() async throws {
        let site = try Site()
        let low = try await site.add(1, .low, due: .now + .seconds(1_000))
        let high = try await site.add(1, .high, due: .now + .seconds(2_000))
        try await site.fallDue()
        _ = try await site.queue.promote()
        #expect(try await site.claim(2).map(\.delivery.id) == high + low)
    }

    @Test func `rings the alarm when it is the earliest, and only then, with one token`() async throws {
        let site = try Site()
        let alarm = site.queue.keys.alarm
        try await site.add(due: .now + .seconds(100))
        #expect(try await site.tokens(in: alarm) == 1)
        try await site.add(due: .now + .seconds(50))
        #expect(try await site.tokens(in: alarm) == 1)
        _ = try await site.redis.send(Command("DEL", alarm))
        try await site.add(due: .now + .seconds(200))
        #expect(try await site.tokens(in: alarm) == 0)
        try await site.add(due: .now + .seconds(10))
        #expect(try await site.tokens(in: alarm) == 1)
    }

    @Test func `rings the alarm when a retry is the earliest`() async throws {
        let site = try Site()
        try await site.add(due: .now + .seconds(100))
        _ = try await site.redis.send(Command("DEL", site.queue.keys.alarm))
        try await site.add()
        try await site.settle(try await site.claim(), .retry(after: .seconds(5), .hiccup))
        #expect(try await site.tokens(in: site.queue.keys.alarm) == 1)
    }

    @Test func `wakes a worker when it falls due`() async throws {
        let site = try Site()
        try await site.add(due: .now + .seconds(100))
        #expect(try await site.tokens(in: site.queue.keys.wake) == 0)
        try await site.fallDue()
        _ = try await site.queue.promote()
        #expect(try await site.tokens(in: site.queue.keys.wake) == 1)
    }

    @Test func `moves with others in calls of a thousand`() async throws {
        let site = try Site()
        for _ in 0..<3 { try await site.add(500, due: .now + .seconds(1)) }
        try await site.redis.send(
            Command("ZUNIONSTORE", site.queue.keys.later, "1", site.queue.keys.later, "WEIGHTS", "0")
        )
        .expectCount(1_500)
        #expect(try await site.queue.promote() == (1_000, .zero))
        #expect(try await site.queue.promote() == (500, nil))
        #expect(try await site.queue.depths().waiting[.normal] == 1_500)
    }
}

extension Reply {
    fileprivate func expectCount(_ count: Int64) { #expect(integer == count) }
}
