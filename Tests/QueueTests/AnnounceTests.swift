import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `Announcing changes` {
    private func changes(_ site: Site) -> Queue {
        Queue(Queue.changes, on: site.redis, settings: site.queue.settings)
    }

    private func samples(_ count: Int) throws -> [Announcement] {
        let kind = try #require(Event.Kind(rawValue: "task:created"))
        return (0..<count).map { _ in
            Announcement(
                id: ID(),
                event: Event(
                    kind, row: ID(), workspace: "acme", change: .init(noun: "task", version: 1),
                    detail: ["actor": "system"]))
        }
    }

    @Test func `tells each once and in order, whoever repeats it`() async throws {
        let site = try Site()
        let all = try samples(250)
        let queue = changes(site)
        #expect(try await queue.announce(Array(all[..<120])) == 120)
        // The others know of no answer and begin anew, at once.
        let new = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 { group.addTask { try await queue.announce(all) } }
            return try await group.reduce(0, +)
        }
        #expect(new == 130)
        #expect(try await queue.announce(all) == 0)
        let told = try await queue.replay(after: 0)
        #expect(told.flatMap(\.events) == all.map(\.event))
        #expect(told.map(\.sequence) == Array(1...Int64(told.count)))
        #expect(try await queue.lastSequence() == Int64(told.count))
    }

    @Test func `publishes what it keeps`() async throws {
        let site = try Site()
        let queue = changes(site)
        let subscription = site.redis.subscribe([queue.channel])
        var messages = subscription.makeAsyncIterator()
        #expect(await messages.next() == .ready)
        let all = try samples(7)
        try await queue.announce(all)
        guard case .message(_, let payload)? = await messages.next() else {
            Issue.record("no message came")
            return
        }
        #expect(EventBatch(message: payload)?.events == all.map(\.event))
        await subscription.close()
    }

    @Test func `is under a name that no queue can have, and shows in no list`() async throws {
        let site = try Site()
        #expect(!Queue.isName(Queue.changes))
        try await changes(site).announce(samples(1))
        #expect(
            try await !Queue.names(on: site.redis, prefix: site.queue.settings.prefix).contains(Queue.changes)
        )
    }

    @Test func `forgets in the end what it told, and all of it when nothing is told any more`() async throws {
        let site = try Site()
        let queue = changes(site)
        let known = queue.keys[.announced]
        let old = try await site.redis.pipeline([Command("ZADD", known, "1", "old")])
        _ = try old[0].unwrap()
        try await queue.announce(samples(3))
        #expect(try await site.redis.send(Command("ZCARD", known)).integer == 3)
        let rest_ms = try #require(try await site.redis.send(Command("PTTL", known)).integer)
        #expect((1...3_600_000).contains(rest_ms))
    }
}
