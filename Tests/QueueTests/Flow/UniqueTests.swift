import Core
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(2))) struct `A6 A unique job` {
    private func job(
        _ yard: Yard, _ until: Unique.Until = .end, _ conflict: Unique.Conflict = .reject,
        lifetime: Duration? = nil, due: Moment? = nil, wait: Duration? = nil
    ) -> Envelope {
        yard.job {
            $0.unique = Unique(
                "u", until: until, lifetime: lifetime, conflict: conflict, maximumWait: wait)
            $0.due = due
        }
    }

    @Test(arguments: [Unique.Until.start, .success, .end])
    func `keeps its equals out until it gives its lock back`(until: Unique.Until) async throws {
        let yard = try Yard()
        let first = job(yard, until)
        #expect(try await yard.queue.admit(first) == .accepted)
        #expect(try await yard.queue.admit(job(yard)) == .held(first.id))
        let claims = try await yard.claim()
        #expect(
            try await yard.queue.admit(job(yard, .end)) == (until == .start ? .accepted : .held(first.id)))
        if until == .start { return }
        try await yard.site.settle(claims, .dead(.hiccup))
        #expect(try await yard.queue.admit(job(yard)) == (until == .end ? .accepted : .held(first.id)))
    }

    @Test(arguments: [
        Verdict.done(nil), .dead(.hiccup), .cancelled(reason: "r"), .expired,
        .retry(after: .seconds(60), .hiccup), .released,
    ])
    func `leaves no lock behind, however it ends`(verdict: Verdict) async throws {
        let yard = try Yard()
        let first = job(yard)
        _ = try await yard.queue.admit(first)
        try await yard.site.settle(try await yard.claim(), verdict)
        _ = try await yard.queue.cancel(first.id, reason: "r")
        #expect(try await yard.held() == [])
    }

    @Test func `gives its lock back when it is cancelled, discarded or dies with its workers`() async throws {
        let yard = try Yard {
            $0.crashLimit = 1; $0.lease = .milliseconds(30)
        }
        let first = job(yard, .success)
        _ = try await yard.queue.admit(first)
        _ = try await yard.claim()
        try await yard.until { try await yard.queue.reclaim().deaths == 1 }
        #expect(try await yard.queue.admit(job(yard)) == .held(first.id))
        #expect(try await yard.queue.discard([first.id]) == 1)
        #expect(try await yard.held() == [])
    }

    @Test func `a late outcome gives no lock back that is another's`() async throws {
        let yard = try Yard { $0.lease = .milliseconds(30) }
        let first = job(yard)
        _ = try await yard.queue.admit(first)
        let old = try await yard.claim()
        try await yard.until { try await yard.queue.reclaim().jobs == 1 }
        #expect(try await yard.site.settle(old, .done(nil)).count == 1)
        #expect(try await yard.queue.admit(job(yard)) == .held(first.id))
    }

    @Test func `answers with the holder, takes its place, or gives it a new time, as it says`() async throws {
        let yard = try Yard()
        let first = job(yard)
        _ = try await yard.queue.admit(first)
        #expect(try await yard.queue.admit(job(yard, .end, .returnExisting)) == .existing(first.id))
        let second = job(yard, .end, .replace)
        #expect(try await yard.queue.admit(second) == .accepted)
        #expect(try await yard.site.state(first.id) == .cancelled)
        let due = Moment.now + .seconds(60)
        #expect(try await yard.queue.admit(job(yard, .end, .reschedule, due: due)) == .existing(second.id))
        #expect(try await yard.site.look(second.id)?.due == Moment(milliseconds: due.milliseconds))
        #expect(try await yard.claim().isEmpty)
        #expect(try await yard.queue.admit(job(yard, .end, .reschedule)) == .existing(second.id))
        _ = try await yard.queue.promote()
        #expect(yard.ids(try await yard.claim()) == [second.id])
        #expect(try await yard.queue.admit(job(yard, .end, .replace)) == .held(second.id))
    }

    @Test func `A7 throttles: one in the lifetime of its lock, whatever became of it`() async throws {
        let yard = try Yard()
        let first = job(yard, .lifetime, .returnExisting, lifetime: .milliseconds(200))
        _ = try await yard.queue.admit(first)
        try await yard.site.settle(try await yard.claim(), .done(nil))
        let next = job(yard, .lifetime, .returnExisting, lifetime: .milliseconds(200))
        #expect(try await yard.queue.admit(next) == .existing(first.id))
        try await yard.until { try await yard.queue.admit(next) == .accepted }
    }

    @Test func `A7 debounces: the last one runs, no later than the longest wait after the first`()
        async throws
    {
        let yard = try Yard()
        let began = Moment.now
        var last: Envelope?
        for _ in 0..<5 {
            let next = job(
                yard, .start, .replace, due: .now + .seconds(60), wait: .seconds(90))
            #expect(try await yard.queue.admit(next) == .accepted)
            last = next
        }
        let id = try #require(last?.id)
        let far = job(yard, .start, .replace, due: .now + .seconds(300), wait: .seconds(90))
        #expect(try await yard.queue.admit(far) == .accepted)
        #expect(try await yard.site.state(id) == .cancelled)
        let due = try #require(try await yard.site.look(far.id)?.due)
        #expect(due - began < .seconds(120) && due - began > .seconds(89))
    }

    @Test func `A7 keeps the last one while one is active: one runs, one waits, the newest wins`()
        async throws
    {
        let yard = try Yard()
        func next() -> Envelope {
            yard.job(exclusive: "u") { $0.unique = Unique("u", until: .start, conflict: .replace) }
        }
        let (first, second, third) = (next(), next(), next())
        #expect(try await yard.queue.admit(first) == .accepted)
        let running = try await yard.claim()
        #expect(try await yard.queue.admit(second) == .accepted)
        #expect(try await yard.queue.admit(third) == .accepted)
        #expect(try await yard.site.state(second.id) == .cancelled)
        #expect(try await yard.claim().isEmpty)
        try await yard.site.settle(running, .done(nil))
        #expect(yard.ids(try await yard.claim()) == [third.id])
    }

    @Test func `takes nobody's place when a limit keeps it out`() async throws {
        let yard = try Yard()
        try await yard.rules.set(Limit(concurrency: 1), for: "k")
        try await yard.add([yard.job("s", [.init("k")])])
        _ = try await yard.claim()
        let first = job(yard)
        _ = try await yard.queue.admit(first)
        let refused = yard.job("s", [.init("k")]) {
            $0.unique = Unique("u", conflict: .replace)
            $0.overflow = .reject
        }
        #expect(try await yard.queue.admit(refused) == .full("k"))
        #expect(try await yard.site.state(first.id) == .waiting)
        #expect(try await yard.queue.admit(job(yard)) == .held(first.id))
    }

    @Test func `in a batch keeps the whole batch out`() async throws {
        let yard = try Yard()
        _ = try await yard.queue.admit(job(yard))
        let failure = try await #require(throws: Failure.self) {
            try await yard.queue.enqueue([yard.job(), yard.job(), job(yard)])
        }
        #expect(failure.pointer == "/jobs/2/unique")
        #expect(try await yard.queue.depths().waiting[.normal] == 1)
    }
}
