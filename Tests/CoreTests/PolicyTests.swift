import Core
import TestHouse
import Testing

@Suite struct `A backoff` {
    let exponential = Backoff.exponential(first: .seconds(5), most: .seconds(3_600))

    @Test(arguments: [
        (1, 5), (2, 10), (3, 20), (10, 2_560), (11, 3_600), (12, 3_600), (500, 3_600), (Int.max, 3_600),
    ])
    func `doubles up to its most, a quarter of it random`(attempt: Int, seconds: Int) {
        let full = Duration.seconds(seconds)
        #expect(exponential.pause(after: attempt, random: 0) == full * 0.75)
        #expect(exponential.pause(after: attempt, random: 0.5) == full * 0.875)
        let longest = exponential.pause(after: attempt, random: 0.999_999)
        #expect(longest < full && longest > full * 0.99)
    }

    @Test(arguments: [0, -1, Int.min])
    func `takes a senseless attempt for the first`(attempt: Int) {
        #expect(exponential.pause(after: attempt, random: 0) == .seconds(5) * 0.75)
        #expect(
            Backoff.schedule([.seconds(1), .seconds(2)]).pause(after: attempt, random: 0.5) == .seconds(1))
    }

    @Test func `never shrinks from one attempt to the next, up to its quarter`() {
        var dice = Dice(8)
        for _ in 0..<1_000 {
            let first = Duration.milliseconds(dice.roll(1..<100_000))
            let backoff = Backoff.exponential(first: first, most: first * dice.roll(1..<10_000))
            let attempt = dice.roll(1..<60)
            let random = Double.random(in: 0..<1, using: &dice)
            #expect(
                backoff.pause(after: attempt, random: random)
                    <= backoff.pause(after: attempt + 1, random: random))
            #expect(backoff.pause(after: attempt, random: random) >= first * 0.75)
        }
    }

    @Test func `keeps to a schedule and repeats its last pause`() {
        let backoff = Backoff.schedule([.seconds(1), .seconds(60), .seconds(5)])
        #expect(
            (1...5).map { backoff.pause(after: $0, random: 0.7) } == [
                .seconds(1), .seconds(60), .seconds(5), .seconds(5), .seconds(5),
            ])
        #expect(Backoff.schedule([]).pause(after: 3, random: 0) == .zero)
    }
}

@Suite struct `A policy` {
    let policy = Policy(attempts: 3, backoff: .schedule([.seconds(10)]))

    private func pause(_ verdict: Verdict) -> Duration? {
        if case .retry(let pause, _) = verdict { pause } else { nil }
    }

    @Test func `retries until its attempts are spent`() {
        let failure = Failure(.unavailable, "Not now.")
        #expect(
            (1...4).map { pause(policy.verdict(after: failure, attempt: $0, random: 0)) } == [
                .seconds(10), .seconds(10), nil, nil,
            ])
    }

    @Test func `gives way to the limit a request set, in both directions`() {
        let failure = Failure(.broken, "Oops.")
        #expect(pause(policy.verdict(after: failure, attempt: 1, limit: 1, random: 0)) == nil)
        #expect(pause(policy.verdict(after: failure, attempt: 5, limit: 6, random: 0)) == .seconds(10))
    }

    @Test func `waits as long as the other side asks, if that is longer`() {
        let patient = Failure(.limited, "Slow down.", retryAfter: .seconds(99))
        #expect(pause(policy.verdict(after: patient, attempt: 1, random: 0)) == .seconds(99))
        let hasty = Failure(.limited, "Slow down.", retryAfter: .seconds(1))
        #expect(pause(policy.verdict(after: hasty, attempt: 1, random: 0)) == .seconds(10))
    }

    @Test(arguments: Failure.Kind.allCases)
    func `retries only what may pass`(kind: Failure.Kind) {
        let mayPass: Set<Failure.Kind> = [.limited, .unavailable, .broken]
        let failure = Failure(kind, "m")
        #expect(failure.isWorthRetrying == mayPass.contains(kind))
        #expect(
            (pause(policy.verdict(after: failure, attempt: 1, random: 0)) != nil) == mayPass.contains(kind))
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
