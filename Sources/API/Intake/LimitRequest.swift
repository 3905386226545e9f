import Core
import Queue

/// What is to hold for a key, as a request writes it.
struct LimitRequest: Decodable, Sendable {
    struct Rate: Decodable, Sendable {
        let units: Int
        let periodSeconds: Double
        let burst: Int?

        enum CodingKeys: String, CodingKey {
            case units
            case periodSeconds = "period_seconds"
            case burst
        }
    }

    struct Breaker: Decodable, Sendable {
        let failures: Int
        let windowSeconds: Double?
        let pauseSeconds: Double?
        let probes: Int?

        enum CodingKeys: String, CodingKey {
            case failures
            case windowSeconds = "window_seconds"
            case pauseSeconds = "pause_seconds"
            case probes
        }
    }

    let concurrency: Int?
    let rate: Rate?
    let breaker: Breaker?
    let waiting: Int?
    let overflow: String?

    static let concurrencies = 1...100_000
    static let units = 1...100_000
    static let period_s = 0.001...2_678_400.0
    static let failures = 1...10_000
    static let window_s = 0.1...86_400.0
    static let probes = 1...100
    static let waitings = 0...10_000_000

    /// The limit, once every rule holds.
    func limit() throws -> Limit {
        guard concurrency != nil || rate != nil || breaker != nil || waiting != nil else {
            throw Failure(
                .invalid, "Send at least one of concurrency, rate, breaker and waiting; DELETE lifts a limit."
            )
        }
        try check(concurrency, Self.concurrencies, at: "/concurrency")
        try check(waiting, Self.waitings, at: "/waiting")
        return Limit(
            concurrency: concurrency, rate: try limitedRate(), breaker: try limitedBreaker(),
            waiting: waiting,
            overflow: try overflow.map { try Rule.choice($0, at: "/overflow") } ?? .queue)
    }

    private func limitedRate() throws -> Limit.Rate? {
        guard let rate else { return nil }
        try check(rate.units, Self.units, at: "/rate/units")
        try Rule.number(rate.periodSeconds, Self.period_s, at: "/rate/period_seconds", unit: "seconds")
        try check(rate.burst, Self.units, at: "/rate/burst")
        return .init(rate.units, per: .seconds(rate.periodSeconds), burst: rate.burst)
    }

    private func limitedBreaker() throws -> Limit.Breaker? {
        guard let breaker else { return nil }
        try check(breaker.failures, Self.failures, at: "/breaker/failures")
        try check(breaker.probes, Self.probes, at: "/breaker/probes")
        let (window, pause) = (breaker.windowSeconds ?? 60, breaker.pauseSeconds ?? 30)
        try Rule.number(window, Self.window_s, at: "/breaker/window_seconds", unit: "seconds")
        try Rule.number(pause, Self.window_s, at: "/breaker/pause_seconds", unit: "seconds")
        return .init(
            failures: breaker.failures, window: .seconds(window), pause: .seconds(pause),
            probes: breaker.probes ?? 1)
    }

    private func check(_ number: Int?, _ range: ClosedRange<Int>, at pointer: String) throws {
        guard let number, !range.contains(number) else { return }
        throw Failure(
            .invalid, "\(pointer.dropFirst()) must be \(range.lowerBound) to \(range.upperBound).",
            at: pointer)
    }

    static let schema = Schema.request([
        "concurrency": Schema.whole(concurrencies),
        "rate": Schema.request(
            [
                "units": Schema.whole(units), "period_seconds": Schema.number(period_s),
                "burst": Schema.whole(units),
            ], required: ["units", "period_seconds"]),
        "breaker": Schema.request(
            [
                "failures": Schema.whole(failures), "window_seconds": Schema.number(window_s),
                "pause_seconds": Schema.number(window_s), "probes": Schema.whole(probes),
            ], required: ["failures"]),
        "waiting": Schema.whole(waitings), "overflow": Schema.choice(Overflow.self),
    ])
}

extension Limit {
    /// The limit as the API shows it: the fields of the request.
    var json: JSON {
        var members: [JSON.Member] = []
        if let concurrency { members.append(.init("concurrency", JSON(concurrency))) }
        if let rate {
            var shown: [JSON.Member] = [
                .init("units", JSON(rate.units)), .init("period_seconds", .double(rate.period.seconds)),
            ]
            if let burst = rate.burst { shown.append(.init("burst", JSON(burst))) }
            members.append(.init("rate", .object(shown)))
        }
        if let breaker {
            members.append(
                .init(
                    "breaker",
                    [
                        "failures": JSON(breaker.failures),
                        "window_seconds": .double(breaker.window.seconds),
                        "pause_seconds": .double(breaker.pause.seconds), "probes": JSON(breaker.probes),
                    ]))
        }
        if let waiting { members.append(.init("waiting", JSON(waiting))) }
        members.append(.init("overflow", JSON(overflow)))
        return .object(members)
    }
}
