import Core

@testable import Queue

// What a sequence is made of.
extension FlowPlay.Scene {
    private static let keys = ["c", "r", "g", "t:a", "t:b", "b", "w", "provider:p"]

    static func any(_ dice: inout Chance) -> Self {
        let hasGates = dice.roll(0..<3) == 0
        let hour = Duration.seconds(1_000)
        var limits: [(String, Limit)] = [
            ("c", Limit(concurrency: dice.roll(1..<3))), ("r", Limit(rate: .init(3, per: hour))),
            ("g", Limit(rate: .init(3, per: hour, burst: 2))), ("t:*", Limit(concurrency: 1)),
            ("b", Limit(breaker: .init(failures: 2, window: hour, pause: hour, probes: dice.roll(1..<3)))),
            ("w", Limit(concurrency: 1)), ("t:a", Limit(concurrency: 2)),
        ]
        var pausable = ["c", "t:a", "t:*", "r"]
        if hasGates {
            limits += [
                ("queue:work", Limit(concurrency: 3)), ("job:slow", Limit(concurrency: 1)),
                ("workspace:*", Limit(concurrency: 2)), ("workspace:a", Limit(rate: .init(5, per: hour))),
            ]
            pausable += ["queue:work", "queue:*", "job:slow", "workspace:b"]
        } else {
            limits[5].1 = Limit(concurrency: 1, waiting: 2, overflow: dice.pick(Overflow.allCases))
        }
        let flows = (0..<4).map { _ in flow(&dice) }
        return Self(
            hasGates: hasGates, crashEvery: dice.roll(1..<20), flows: flows, limits: limits,
            pausable: pausable)
    }

    private static func flow(_ dice: inout Chance) -> Flow {
        guard dice.roll(0..<5) > 0 else { return Flow() }
        let picked = keys.shuffled(using: &dice).prefix(dice.roll(0..<4))
        let charges = picked.sorted().map { key in
            Flow.Charge(key, cost: ["r", "g"].contains(key) ? dice.roll(1..<4) : 1)
        }
        return Flow(
            share: dice.pick(["", "s1", "s2", "s3"]), charges: charges,
            exclusive: dice.roll(0..<3) == 0 ? dice.pick(["e1", "e2"]) : nil)
    }

    func job(_ dice: inout Chance, due: Moment?) -> Envelope {
        var envelope = Envelope(
            name: dice.pick(["fast", "slow"]), arguments: Array("{}".utf8), workspace: dice.pick(["a", "b"]),
            level: dice.roll(0..<4) == 0 ? dice.pick(Envelope.Level.allCases) : .normal, due: due)
        envelope.flow = dice.pick(flows)
        if !hasGates, dice.roll(0..<4) == 0 { envelope.overflow = dice.pick(Overflow.allCases) }
        if dice.roll(0..<8) == 0 { envelope.callback = "https://example.org/told" }
        if dice.roll(0..<4) == 0 {
            let until = dice.pick(Unique.Until.allCases)
            envelope.unique = Unique(
                dice.pick(["u1", "u2"]), until: until, lifetime: until == .lifetime ? .seconds(1_000) : nil,
                conflict: dice.pick(Unique.Conflict.allCases))
        }
        return envelope
    }

    func verdict(_ dice: inout Chance, pause: Duration) -> Verdict {
        let kind: Failure.Kind = dice.pick([.unavailable, .broken, .invalid, .limited])
        let failure = Failure(kind, "No.", retryAfter: dice.flip() ? .seconds(1_000) : nil)
        switch dice.roll(0..<14) {
        case 0..<6: return .done(nil)
        case 6: return .retry(after: pause, failure)
        case 7: return .snooze(pause)
        case 8, 9: return .dead(failure)
        case 10: return .cancelled(reason: "r")
        case 11: return .expired
        case 12: return .parked
        default: return .released
        }
    }
}
