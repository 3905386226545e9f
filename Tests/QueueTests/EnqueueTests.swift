import Core
import Redis
import TestHouse
import Testing

@testable import Queue

@Suite struct `Enqueued jobs` {
    @Test func `are claimed by level, first in first out within a level`() async throws {
        let site = try Site()
        let low = try await site.add(3, .low)
        let normal = try await site.add(2, .normal)
        let high = try await site.add(2, .high)
        let more = try await site.add(1, .normal)
        #expect(try await site.claim(4).map(\.delivery.id) == high + normal)
        #expect(try await site.claim(10).map(\.delivery.id) == more + low)
        #expect(try await site.claim(10).isEmpty)
    }

    @Test func `of all levels in one call keep their levels and their order`() async throws {
        let site = try Site()
        let levels: [Envelope.Level] = [.low, .high, .normal, .high, .low]
        let envelopes = levels.map { Envelope(name: "job", arguments: [], level: $0) }
        try await site.queue.enqueue(envelopes)
        let order = [1, 3, 2, 0, 4].map { envelopes[$0].id }
        #expect(try await site.claim(5).map(\.delivery.id) == order)
    }

    @Test func `arrive as they were sent`() async throws {
        let site = try Site()
        let envelope = Envelope(
            name: "na\"me", arguments: Array(#"{"a":"\u0000 ü"}"#.utf8), workspace: "acme", level: .high,
            expires: Moment(milliseconds: 9), attempts: 4, timeout: .seconds(7), tags: ["x|y", "\n"])
        try await site.queue.enqueue([envelope])
        let claim = try #require(try await site.claim().first)
        #expect(claim.envelope == envelope)
        #expect(claim.delivery == Delivery(id: envelope.id))
        #expect(claim.attempt == 1)
        #expect(claim.errors == nil)
        #expect(claim.crashes == 0)
    }

    @Test func `are none when there are none, and refused when too many`() async throws {
        let site = try Site()
        try await site.queue.enqueue([])
        #expect(try await site.keys().isEmpty)
        let failure = await #expect(throws: Failure.self) { try await site.add(1_001) }
        #expect(failure?.kind == .invalid)
        #expect(try await site.keys().isEmpty)
    }

    @Test func `stand on one lease each, for as long as the queue leases`() async throws {
        let site = try Site { $0.lease = .seconds(100) }
        let id = try await site.add()[0]
        let before = try #require(try await site.redis.send(Command("TIME")).array?[0].integer) * 1_000
        _ = try await site.claim()
        let deadline =
            try await site.redis.send(Command("ZSCORE", site.queue.keys.leases, id.text)).integer ?? 0
        #expect((before + 100_000...before + 160_000).contains(deadline))
        #expect(try await site.traces(of: id) == ["jobs", "leases"])
    }

    @Test func `are counted`() async throws {
        let site = try Site()
        let oldest = try await site.add(2, .low)[0]
        try await site.add(3, .high)
        try await site.add(1, due: .now + .seconds(60))
        try await site.add(1, name: "odd")
        try await site.settle(try await site.claim(1), .dead(.hiccup))
        let depths = try await site.queue.depths()
        #expect(depths.waiting == [.high: 2, .normal: 1, .low: 2])
        #expect(depths.backlog == 5)
        #expect((depths.scheduled, depths.dead, depths.running, depths.parked) == (1, 1, 0, 0))
        #expect(depths.oldest == Moment(milliseconds: oldest.milliseconds))
        #expect(depths.totals["enqueued"] == 7)
        #expect(depths.totals["dead"] == 1)
        #expect(depths.queue == "work")
    }
}

@Suite struct `A5 An admitted job` {
    private func envelope() -> Envelope { Envelope(name: "job", arguments: [], workspace: "acme") }

    @Test func `is taken once, whatever has become of it`() async throws {
        let site = try Site()
        let envelope = envelope()
        #expect(try await site.queue.admit(envelope) == .accepted)
        #expect(try await site.queue.admit(envelope) == .known)
        let claims = try await site.claim(5)
        #expect(claims.count == 1)
        #expect(try await site.queue.admit(envelope) == .known)
        try await site.settle(claims, .done(nil))
        #expect(try await site.queue.admit(envelope) == .known)
        #expect(try await site.claim(5).isEmpty)
    }

    @Test func `is answered with the first one while its idempotency key is remembered`() async throws {
        let site = try Site()
        let once = Queue.Once(key: "acme/k 1", fingerprint: "f1")
        let first = envelope()
        #expect(try await site.queue.admit(first, once: once) == .accepted)
        #expect(try await site.queue.admit(first, once: once) == .known)
        #expect(try await site.queue.admit(envelope(), once: once) == .repeated(first.id))
        let other = Queue.Once(key: "acme/k 1", fingerprint: "f2")
        #expect(try await site.queue.admit(envelope(), once: other) == .mismatched)
        let elsewhere = Queue.Once(key: "other/k 1", fingerprint: "f2")
        #expect(try await site.queue.admit(envelope(), once: elsewhere) == .accepted)
        #expect(try await site.claim(10).count == 2)
        let ttl = try await site.redis.send(Command("TTL", site.queue.keys.once("acme/k 1"))).integer ?? 0
        #expect((86_000...86_400).contains(ttl))
    }

    @Test func `that many send at once is in the queue once`() async throws {
        let site = try Site()
        let once = Queue.Once(key: "k", fingerprint: "f")
        let answers = try await withThrowingTaskGroup(of: Queue.Admission.self) { group in
            for _ in 0..<50 { group.addTask { try await site.queue.admit(envelope(), once: once) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == .accepted }.count == 1)
        let first = try #require(try await site.claim(50).first?.delivery.id)
        #expect(answers.filter { $0 == .repeated(first) }.count == 49)
    }
}

@Suite struct `A queue's name` {
    @Test(arguments: ["a", "default", "high-1_x", String(repeating: "q", count: 64)])
    func `may be plain`(name: String) { #expect(Queue.isName(name)) }

    @Test(arguments: ["", "A", "a b", "a}", "{a", "a:b", "ä", "*", String(repeating: "q", count: 65)])
    func `may not be what could collide with the keys`(name: String) { #expect(!Queue.isName(name)) }

    @Test func `is known once it is registered, and there is a limit`() async throws {
        let site = try Site()
        try await site.queue.register()
        try await site.queue.register()
        let prefix = site.queue.settings.prefix
        #expect(try await Queue.names(on: site.redis, prefix: prefix) == ["work"])
        var command = Command("SADD")
        command.append(Keys.queues(prefix))
        for number in 1..<Queue.queueLimit { command.append("q\(number)") }
        _ = try await site.redis.send(command)
        try await site.queue.register()
        let next = Queue("one-more", on: site.redis, settings: site.queue.settings)
        let failure = await #expect(throws: Failure.self) { try await next.register() }
        #expect(failure?.kind == .limited)
    }
}
