import Core
import Testing

@Suite struct `C1-C3 A policy` {
    let policy = Policy(attempts: 3, backoff: .schedule([.seconds(10)]))
    let job = Envelope(name: "job", arguments: [])

    private func pause(_ verdict: Verdict) -> Duration? {
        if case .retry(let pause, _) = verdict { pause } else { nil }
    }

    private func message(_ verdict: Verdict) -> String? {
        if case .dead(let failure) = verdict { failure.message } else { nil }
    }

    private func job(attempts: Int) -> Envelope {
        var job = job
        job.attempts = attempts
        return job
    }

    @Test func `retries until its attempts are spent`() {
        let failure = Failure(.unavailable, "Not now.")
        #expect(
            (1...4).map { pause(policy.verdict(after: failure, .init(number: $0), of: job)) } == [
                .seconds(10), .seconds(10), nil, nil,
            ])
    }

    @Test func `gives way to the limit a request set, in both directions`() {
        let failure = Failure(.broken, "Oops.")
        #expect(pause(policy.verdict(after: failure, .init(number: 1), of: job(attempts: 1))) == nil)
        #expect(pause(policy.verdict(after: failure, .init(number: 5), of: job(attempts: 6))) == .seconds(10))
    }

    @Test func `waits as long as the other side asks, if that is longer, and a year at most`() {
        for (asked, waits) in [(99, 99), (1, 10), (1_000_000_000, 31_536_000)] {
            let failure = Failure(.limited, "Slow down.", retryAfter: .seconds(asked))
            #expect(pause(policy.verdict(after: failure, .init(number: 1), of: job)) == .seconds(waits))
        }
    }

    @Test(arguments: Failure.Kind.allCases)
    func `retries only what may pass`(kind: Failure.Kind) {
        let mayPass: Set<Failure.Kind> = [.limited, .unavailable, .broken]
        let failure = Failure(kind, "m")
        #expect(failure.isWorthRetrying == mayPass.contains(kind))
        #expect(
            (pause(policy.verdict(after: failure, .init(number: 1), of: job)) != nil)
                == mayPass.contains(kind))
        #expect(!failure.permanently().isWorthRetrying)
        #expect(pause(policy.verdict(after: failure.permanently(), .init(number: 1), of: job)) == nil)
    }

    @Test func `follows the rule of the failure's kind, which a request's limit still bounds`() {
        var policy = policy
        policy.rules = [
            .broken: .never, .limited: .always, .missing: Policy.Rule(attempts: 2),
            .unavailable: Policy.Rule(attempts: 5, backoff: .fixed(.seconds(77))),
            .conflict: Policy.Rule(backoff: .fixed(.seconds(1))),
        ]
        let table: [(Failure.Kind, attempt: Int, limit: Int?, Duration?)] = [
            (.broken, 1, nil, nil), (.broken, 1, 9, nil), (.limited, 9_000, nil, .seconds(10)),
            (.limited, 2, 2, nil), (.missing, 1, nil, .seconds(10)), (.missing, 2, nil, nil),
            (.missing, 2, 9, nil), (.unavailable, 4, nil, .seconds(77)), (.unavailable, 5, nil, nil),
            (.unavailable, 2, 2, nil), (.conflict, 2, nil, .seconds(1)), (.conflict, 3, nil, nil),
            (.conflict, 3, 4, .seconds(1)), (.invalid, 1, nil, nil), (.forbidden, 1, 9, nil),
        ]
        for (kind, attempt, limit, expected) in table {
            var job = job
            job.attempts = limit
            let verdict = policy.verdict(after: Failure(kind, "m"), .init(number: attempt), of: job)
            #expect(pause(verdict) == expected, "\(kind) at attempt \(attempt) of \(limit ?? 0)")
        }
        let last = policy.verdict(after: Failure(.limited, "m").permanently(), .init(number: 1), of: job)
        #expect(pause(last) == nil)
    }

    @Test func `makes no retry that would start after the last moment for one`() {
        let (failure, ended) = (Failure(.broken, "Oops."), Moment("2026-03-29T01:00:00Z")!)
        var job = job
        for (until, isRetried) in [(10, true), (9, false), (11, true)] {
            job.retryUntil = ended + .seconds(until)
            let verdict = policy.verdict(after: failure, .init(number: 1, ended: ended), of: job)
            #expect((pause(verdict) != nil) == isRetried)
        }
        job.retryUntil = ended + .seconds(9)
        #expect(
            message(policy.verdict(after: failure, .init(number: 1, ended: ended), of: job))
                == "Oops. It is not tried again: its last retry was to start by 2026-03-29T01:00:09.000Z.")
        var hasty = policy
        hasty.retryFor = .seconds(30)
        job.retryUntil = nil
        for (age, isRetried) in [(20, true), (21, false)] {
            let verdict = hasty.verdict(
                after: failure, .init(number: 1, ended: job.created + .seconds(age)), of: job)
            #expect((pause(verdict) != nil) == isRetried)
        }
    }

    @Test func `plans nothing at or after the deadline, and says so`() {
        let ended = Moment("2026-03-29T01:00:00Z")!
        var job = job
        for (deadline, isRetried) in [(10, false), (11, true)] {
            job.deadline = ended + .seconds(deadline)
            let attempt = Policy.Attempt(number: 1, ended: ended)
            let retried = policy.verdict(after: Failure(.broken, "Oops."), attempt, of: job)
            #expect((pause(retried) != nil) == isRetried)
            let again = policy.verdict(onAgain: .seconds(10), counting: .keep, after: attempt, of: job)
            #expect((message(again) == nil) == isRetried)
            if !isRetried {
                #expect(
                    message(retried) == "Oops. It does not run again: the next attempt would start after "
                        + "its deadline, 2026-03-29T01:00:10.000Z.")
            }
        }
    }

    @Test func `C5 counts a wish to run again as it was asked to, and bounds how often`() {
        func again(_ attempt: Int, _ counting: Counting, delivery: Int = 1) -> Verdict {
            policy.verdict(
                onAgain: .seconds(5), counting: counting, after: .init(number: attempt, delivery: delivery),
                of: job)
        }
        if case .snooze(.seconds(5)) = again(3, .keep) {} else { Issue.record("It spent an attempt.") }
        #expect(pause(again(2, .spend)) == .seconds(5))
        #expect(
            message(again(3, .spend))
                == "The job asked to run again. That spends an attempt, and this was the last one.")
        #expect(message(again(1, .keep, delivery: policy.deliveries - 1)) == nil)
        #expect(
            message(again(1, .keep, delivery: policy.deliveries))
                == "The job asked to run again. It does not run again: it was delivered 10000 times, "
                + "which is the most.")
    }
}

@Suite struct `A failure` {
    @Test func `keeps its cause for the log and out of its message`() {
        struct Hidden: Error, CustomStringConvertible { let description = "secret" }
        let failure = Failure(.broken, "It broke.", cause: Hidden(), at: "/x")
        #expect(failure.message == "It broke.")
        #expect(failure.cause == "secret")
        #expect("\(failure)" == "broken: It broke. (secret)")
        #expect("\(Failure(.missing, "None."))" == "missing: None.")
    }
}
