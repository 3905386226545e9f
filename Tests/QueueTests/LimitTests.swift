import Core
import Foundation
import Redis
import Synchronization
import TestHouse
import Testing

@testable import Queue

@Suite struct `A full batch` {
    @Test func `of a thousand is enqueued, claimed, renewed and settled at once`() async throws {
        let site = try Site()
        try await site.add(1_000)
        let haul = try await site.work([], claiming: 5_000)
        #expect(haul.claims.count == 1_000)
        let renewals = haul.claims.map {
            Queue.Renewal($0.delivery, holder: .init(worker: "w", started: .now))
        }
        #expect(try await site.queue.renew(renewals).lost.isEmpty)
        #expect(try await site.settle(haul.claims, .done(["x": 1])).isEmpty)
        #expect(try await site.total("ended") == 1_000)
        #expect(try await site.traces().values.allSatisfy { $0.count == 1 })
    }

    @Test func `of more waiting jobs than one call takes loses none`() async throws {
        let site = try Site()
        for _ in 0..<9 { try await site.add(1_000) }
        let haul = try await site.work([], claiming: 9_000)
        #expect(haul.claims.count == 1_000)
        #expect(haul.hasMore)
        #expect(try await site.queue.depths().backlog == 8_000)
    }

    @Test(arguments: `A worker that lost its lease`.verdicts.indices)
    func `of a thousand ends in each way at once, and is refused at once`(index: Int) async throws {
        let site = try Site()
        try await site.add(1_000)
        let claims = try await site.claim(1_000)
        let verdict = `A worker that lost its lease`.verdicts[index]
        #expect(try await site.settle(claims, verdict).isEmpty)
        #expect(try await site.settle(claims, verdict).count == 1_000)
        #expect(try await site.queue.depths().running == 0)
        #expect(try await site.traces().count == 1_000)
    }

    @Test func `of more than a thousand outcomes is refused as a whole`() async throws {
        let site = try Site()
        try await site.add()
        let claim = try await site.claim()[0]
        let failure = await #expect(throws: Failure.self) {
            try await site.settle(Array(repeating: claim, count: 1_001), .done(nil))
        }
        #expect(failure?.kind == .invalid)
        #expect(try await site.queue.depths().running == 1)
    }

    @Test func `of parked jobs comes back in parts`() async throws {
        let site = try Site()
        for _ in 0..<3 { try await site.add(1_000, .high) }
        for _ in 0..<3 { try await site.settle(try await site.claim(1_000), .parked) }
        #expect(try await site.queue.unpark(["job"]) == 3_000)
        #expect(try await site.queue.depths().waiting[.high] == 3_000)
    }
}

@Suite struct `A Redis that forgets its scripts` {
    @Test func `is never noticed`() async throws {
        let server = try await RedisServer()
        let site = try Site(on: server)
        let flusher = try Client(server.endpoint, name: "flusher")
        let flushing = Task {
            while !Task.isCancelled { _ = try await flusher.send(Command("SCRIPT", "FLUSH")) }
        }
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<40 {
                        try await site.add(3)
                        let claims = try await site.claim(3)
                        _ = try await site.queue.renew(claims.map { .init($0.delivery) })
                        for claim in claims { _ = try await site.queue.report(claim, state: [:], news: [:]) }
                        try await site.settle(claims, .done(nil))
                        _ = try await site.queue.promote()
                        _ = try await site.queue.reclaim()
                    }
                }
            }
            try await group.waitForAll()
        }
        flushing.cancel()
        _ = await flushing.result
        #expect(try await site.total("enqueued") == 960)
        #expect(try await site.total("ended") == 960)
        #expect(try await site.queue.depths().backlog == 0)
    }
}

@Suite struct `A Redis whose memory is full` {
    /// Enqueues until Redis refuses jobs of `size` bytes; what was taken. Nothing can compress them much.
    private func fill(_ site: Site, size: Int) async throws -> [ID] {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let noise = (0..<size).map { _ in letters.randomElement() ?? 65 }
        let arguments = Array("\"".utf8) + noise + Array("\"".utf8)
        var ids: [ID] = []
        while ids.count < 5_000 {
            let envelope = Envelope(name: "big", arguments: arguments)
            do {
                try await site.queue.enqueue([envelope])
                ids.append(envelope.id)
            } catch let failure as Failure {
                #expect(failure.kind == .limited)
                #expect(failure.retryAfter != nil)
                return ids
            }
        }
        Issue.record("Redis never refused.")
        return ids
    }

    @Test func `refuses new jobs while the backlog drains, and then takes them again`() async throws {
        let server = try await RedisServer("--maxmemory", "12mb", "--maxmemory-policy", "noeviction")
        let site = try Site(on: server) { $0.lease = .milliseconds(1) }
        let ids = try await fill(site, size: 20_000) + fill(site, size: 10)
        #expect(ids.count > 100)
        await #expect(throws: Failure.self) { try await site.queue.admit(Envelope(name: "x", arguments: [])) }
        let parked = try await site.claim(1)
        try await site.settle(parked, .parked)
        try await site.settle(try await site.claim(1), .retry(after: .zero, .hiccup))
        _ = try await site.claim(1)
        while try await site.queue.reclaim().jobs == 0 {}
        #expect(try await site.queue.promote().moved == 1)
        #expect(try await site.queue.unpark(["big"]) == 1)
        var drained = Set<ID>()
        while true {
            let claims = try await site.claim(50)
            if claims.isEmpty { break }
            let renewals = claims.map {
                Queue.Renewal($0.delivery, holder: .init(worker: "w", started: .now))
            }
            #expect(try await site.queue.renew(renewals).lost.isEmpty)
            #expect(try await site.queue.report(claims[0], state: ["percent": 1], news: ["percent": 1]))
            #expect(try await site.queue.cancel(claims[0].delivery.id, reason: "r") == .running)
            #expect(try await site.settle(claims, .done(nil)).isEmpty)
            drained.formUnion(claims.map(\.delivery.id))
        }
        #expect(drained == Set(ids))
        try await site.add()
        #expect(try await site.claim(5).count == 1)
    }
}

@Suite struct `A Redis that does not answer` {
    @Test func `is unavailable, and the caller hears when to come again`() async throws {
        let server = try await RedisServer()
        let queue = Queue("work", on: try Client(server.endpoint, name: "test"))
        try await queue.enqueue([Envelope(name: "job", arguments: [])])
        server.kill()
        let failure = await #expect(throws: Failure.self) {
            try await queue.enqueue([Envelope(name: "job", arguments: [])])
        }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.retryAfter != nil)
        #expect(failure?.isWorthRetrying == true)
    }

    @Test func `whose reply makes no sense is our own fault`() async throws {
        let site = try Site()
        _ = try await site.redis.send(Command("SET", site.queue.keys.jobs, "a string"))
        let failure = await #expect(throws: Failure.self) { try await site.add() }
        #expect(failure?.kind == .broken)
        #expect(failure?.cause?.contains("WRONGTYPE") == true)
    }
}
