import Core
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(2))) struct `D1 D2 D6 Concurrency` {
    @Test func `lets no more run than the limit of a key says, in all queues together`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 3), for: "provider:x")
        let (mail, chat) = (yard.queue("mail"), yard.queue("chat"))
        try await mail.enqueue((0..<5).map { _ in yard.job("a", [.init("provider:x")]) })
        try await chat.enqueue((0..<5).map { _ in yard.job("b", [.init("provider:x")]) })
        var shift = Queue.Shift()
        shift.wanted = 10
        let first = try await mail.work(shift).claims
        #expect(first.count == 3)
        #expect(try await chat.work(shift).claims.isEmpty)
        var settling = Queue.Shift()
        settling.settlements = [Settlement(first[0], .done(nil), started: .now, worker: "w")]
        _ = try await mail.work(settling)
        // The place that one queue gave back is there for either; both together get no more than it.
        let next = try await chat.work(shift).claims.count + mail.work(shift).claims.count
        #expect(next == 1)
    }

    @Test func `does not keep jobs of other keys waiting behind a full one`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1), for: "tenant:*")
        try await yard.add((0..<50).map { _ in yard.job("a", [.init("tenant:a")]) })
        let others = try await yard.add([yard.job("b", [.init("tenant:b")]), yard.job("c")])
        let claims = try await yard.claim()
        #expect(claims.count == 3)
        #expect(Set(others).isSubset(of: yard.ids(claims)))
    }

    @Test func `holds for a queue, a name and a workspace without their jobs naming it`() async throws {
        for key in ["queue:work", "job:job", "workspace:acme", "workspace:*"] {
            let yard = try Yard()
            try await yard.queue.register()
            try await yard.site.add(5)
            try await yard.rules.set(Limit(concurrency: 2), for: key)
            let claims = try await yard.claim()
            #expect(claims.count == 2, "\(key)")
            #expect(try await yard.claim().isEmpty)
            try await yard.site.settle(claims, .done(nil))
            #expect(try await yard.claim().count == 2)
            #expect(try await yard.rules.lift(key))
            _ = try await yard.queue.promote()
            #expect(try await yard.claim().count == 1)
        }
    }

    @Test func `takes several limits all or none`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1), for: "a")
        try await yard.rules.set(Limit(concurrency: 5), for: "b")
        try await yard.add([
            yard.job("s", [.init("a"), .init("b")]), yard.job("s", [.init("a"), .init("b")]),
        ])
        #expect(try await yard.claim().count == 1)
        try await yard.add((0..<5).map { _ in yard.job("s", [.init("b")]) })
        // The job that waits for a holds no place of b.
        #expect(try await yard.claim().count == 4)
    }

    @Test func `gives the places of a dead worker back with its lease, and of each end`() async throws {
        let yard = try Yard { $0.lease = .milliseconds(60) }
        try await yard.rules.set(Limit(concurrency: 2), for: "k")
        let ids = try await yard.add((0..<4).map { _ in yard.job("s", [.init("k")]) })
        #expect(try await yard.claim().count == 2)
        try await yard.until { try await yard.queue.reclaim().jobs > 0 }
        let claims = try await yard.claim()
        #expect(claims.count == 2)
        try await yard.site.settle([claims[0]], .dead(.hiccup))
        try await yard.site.settle([claims[1]], .retry(after: .seconds(60), .hiccup))
        for id in ids { _ = try await yard.queue.cancel(id, reason: "r") }
        _ = try await yard.queue.promote()
        #expect(try await yard.held() == [])
    }

    @Test func `a late worker gives back only its own place`() async throws {
        let yard = try Yard { $0.lease = .milliseconds(60) }
        try await yard.rules.set(Limit(concurrency: 1), for: "k")
        try await yard.add([yard.job("s", [.init("k")]), yard.job("s", [.init("k")])])
        let old = try await yard.claim()
        try await yard.until { try await yard.queue.reclaim().jobs > 0 }
        let new = try await yard.claim()
        #expect(yard.ids(new) == yard.ids(old))
        #expect(try await yard.site.settle(old, .done(nil)).count == 1)
        #expect(try await yard.claim().isEmpty)
    }
}

@Suite(.timeLimit(.minutes(2))) struct `D4 D5 A rate` {
    @Test func `never lets more start in a window than it says`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(rate: .init(5, per: .milliseconds(400))), for: "k")
        try await yard.add((0..<20).map { _ in yard.job("s", [.init("k")]) })
        var starts: [ContinuousClock.Instant] = []
        while starts.count < 20 {
            _ = try await yard.queue.promote()
            for _ in try await yard.claim() { starts.append(.now) }
            try await Task.sleep(for: .milliseconds(2))
        }
        for index in starts.indices.dropLast(5) {
            #expect(starts[index + 5] - starts[index] > .milliseconds(395))
        }
    }

    @Test func `with a burst lets that many through at once and spreads the rest`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(rate: .init(10, per: .seconds(1), burst: 3)), for: "k")
        try await yard.add((0..<6).map { _ in yard.job("s", [.init("k")]) })
        #expect(try await yard.claim().count == 3)
        let began = ContinuousClock.now
        var rest = 0
        try await yard.until {
            _ = try await yard.queue.promote()
            rest += try await yard.claim().count
            return rest == 3
        }
        #expect(ContinuousClock.now - began > .milliseconds(300))
    }

    @Test func `may be set anew as a bucket, and as a window again`() async throws {
        let yard = try Yard()
        let window = Limit(rate: .init(1, per: .seconds(60)))
        let bucket = Limit(rate: .init(1, per: .seconds(60), burst: 1))
        try await yard.add((0..<3).map { _ in yard.job("s", [.init("k")]) })
        for limit in [window, bucket, window] {
            try await yard.rules.set(limit, for: "k")
            _ = try await yard.queue.promote()
            _ = try await yard.claim()
        }
        #expect(try await yard.queue.depths().running == 2)
    }

    @Test func `takes as many units as a job costs`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(rate: .init(10, per: .seconds(60))), for: "k")
        try await yard.add((0..<5).map { _ in yard.job("s", [.init("k", cost: 4)]) })
        #expect(try await yard.claim().count == 2)
        try await yard.add([yard.job("t", [.init("k", cost: 2)])])
        #expect(try await yard.claim().count == 1)
    }

    @Test func `C4 rests for all when one worker was told to wait`() async throws {
        let yard = try Yard()
        let other = yard.queue("other")
        try await yard.add([yard.job("s", [.init("provider:x"), .init("tenant:s")])])
        try await other.enqueue([
            yard.job("t", [.init("provider:x")]), yard.job("s", [.init("tenant:s")]),
        ])
        let claims = try await yard.claim()
        let failure = Failure(.limited, "Slow down.", retryAfter: .milliseconds(300))
        let began = ContinuousClock.now
        try await yard.site.settle(claims, .retry(after: .milliseconds(300), failure))
        var shift = Queue.Shift()
        shift.wanted = 10
        #expect(try await other.work(shift).claims.map(\.envelope.flow.share) == ["s"])
        try await yard.until {
            _ = try await other.promote()
            return try await !other.work(shift).claims.isEmpty
        }
        #expect(ContinuousClock.now - began > .milliseconds(290))
    }
}

@Suite(.timeLimit(.minutes(2))) struct `C10 A circuit breaker` {
    @Test func `opens after so many failures, lets exactly its probes through, and closes when they work`()
        async throws
    {
        let yard = try Yard()
        let breaker = Limit.Breaker(failures: 3, pause: .milliseconds(200), probes: 2)
        try await yard.rules.set(Limit(breaker: breaker), for: "k")
        try await yard.add((0..<30).map { _ in yard.job("s", [.init("k")]) })
        let first = try await yard.site.claim(3)
        try await yard.site.settle(first, .dead(.hiccup))
        #expect(try await yard.claim().isEmpty)
        var probes: [Claim] = []
        try await yard.until {
            _ = try await yard.queue.promote()
            probes += try await yard.claim()
            return !probes.isEmpty
        }
        _ = try await yard.queue.promote()
        probes += try await yard.claim()
        #expect(probes.count == 2)
        try await yard.site.settle([probes[0]], .done(nil))
        #expect(try await yard.claim().isEmpty)
        try await yard.site.settle([probes[1]], .done(nil))
        try await yard.until {
            _ = try await yard.queue.promote()
            return try await yard.claim().count > 2
        }
    }

    @Test func `opens again when a probe fails, and counts no failure that is the job's own`() async throws {
        let yard = try Yard()
        try await yard.rules.set(
            Limit(breaker: .init(failures: 1, pause: .milliseconds(150))), for: "k")
        try await yard.add((0..<30).map { _ in yard.job("s", [.init("k")]) })
        try await yard.site.settle(try await yard.site.claim(), .dead(Failure(.invalid, "Mine.")))
        try await yard.site.settle(try await yard.site.claim(), .dead(.hiccup))
        #expect(try await yard.claim().isEmpty)
        var probe: [Claim] = []
        try await yard.until {
            _ = try await yard.queue.promote()
            probe = try await yard.claim()
            return !probe.isEmpty
        }
        #expect(probe.count == 1)
        let began = ContinuousClock.now
        try await yard.site.settle(probe, .dead(.hiccup))
        try await yard.until {
            _ = try await yard.queue.promote()
            return try await !yard.claim().isEmpty
        }
        #expect(ContinuousClock.now - began > .milliseconds(145))
    }
}

@Suite(.timeLimit(.minutes(2))) struct `D3 D10 A full limit` {
    @Test func `lets a new job wait, refuses it, or leaves it out, as it says`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1), for: "k")
        try await yard.add([yard.job("s", [.init("k")])])
        _ = try await yard.claim()
        func admit(_ overflow: Overflow) async throws -> Queue.Admission {
            try await yard.queue.admit(yard.job("s", [.init("k")]) { $0.overflow = overflow })
        }
        #expect(try await admit(.reject) == .full("k"))
        #expect(try await admit(.dropNew) == .dropped("k"))
        #expect(try await admit(.bufferOne) == .accepted)
        #expect(try await admit(.bufferOne) == .dropped("k"))
        #expect(try await admit(.queue) == .accepted)
    }

    @Test func `supersedes what runs: it is asked to stop, and the new job starts after its end`()
        async throws
    {
        let yard = try Yard()
        let old = try await yard.add([yard.job("s", exclusive: "e")])[0]
        let claims = try await yard.claim()
        let new = yard.job("s", exclusive: "e") { $0.overflow = .supersede }
        #expect(try await yard.queue.admit(new) == .accepted)
        let renewed = try await yard.queue.renew(claims.map { .init($0.delivery) })
        #expect(renewed.cancelled.map(\.delivery.id) == [old])
        #expect(try await yard.claim().isEmpty)
        try await yard.site.settle(claims, .cancelled(reason: "superseded"))
        #expect(yard.ids(try await yard.claim()) == [new.id])
    }

    @Test func `terminates what runs: it has ended at once, and its worker is shut out`() async throws {
        let yard = try Yard()
        let old = try await yard.add([yard.job("s", exclusive: "e")])[0]
        let claims = try await yard.claim()
        let new = yard.job("s", exclusive: "e") { $0.overflow = .terminate }
        #expect(try await yard.queue.admit(new) == .accepted)
        #expect(try await yard.site.state(old) == .cancelled)
        #expect(yard.ids(try await yard.claim()) == [new.id])
        #expect(try await yard.site.settle(claims, .done(nil)).count == 1)
        #expect(try await yard.site.state(old) == .cancelled)
    }

    @Test func `bounds how many may wait, for a key and for a queue`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1, waiting: 2), for: "k")
        for _ in 0..<2 { #expect(try await yard.queue.admit(yard.job("s", [.init("k")])) == .accepted) }
        #expect(try await yard.queue.admit(yard.job("s", [.init("k")])) == .full("k"))
        try await yard.rules.set(Limit(waiting: 3), for: "queue:work")
        #expect(try await yard.queue.admit(yard.job()) == .accepted)
        #expect(try await yard.queue.admit(yard.job()) == .full("queue:work"))
        await #expect(throws: Failure.self) { try await yard.queue.enqueue([yard.job(), yard.job()]) }
    }
}
