/// How long a job waits between two attempts.
///
/// A pause follows from the policy, the attempt and the job's seed alone: nothing is stored, and whoever
/// computes it again gets the same.
public enum Backoff: Sendable, Hashable {
    /// Always the same pause, to the moment.
    case fixed(Duration)
    /// `first`, and `step` more after each attempt, up to `most`; a quarter of each pause is random.
    case linear(first: Duration, step: Duration, most: Duration)
    /// Doubles from `first` up to `most`; a quarter of each pause is random, so that retries spread.
    case exponential(first: Duration, most: Duration)
    /// Each pause lies by chance between `first` and three times the one before, up to `most`: retries of
    /// jobs that failed together lose step soonest this way.
    case decorrelated(first: Duration, most: Duration)
    /// The pauses as listed; the last one repeats.
    case schedule([Duration])

    /// The longest pause there is: a year. What a policy or another side asks beyond it is cut.
    public static let pauseLimit: Duration = .seconds(365 * 86_400)

    /// The pause after the `attempt`-th failed attempt (counted from 1).
    ///
    /// - Parameter seed: sets one job apart from those that failed with it; the same for all its attempts.
    public func pause(after attempt: Int, seed: UInt64) -> Duration {
        let attempt = max(attempt, 1)
        return switch self {
        case .fixed(let pause): Self.bounded(pause)
        case .linear(let first, let step, let most):
            // 2^30 steps of any length are beyond every sensible limit, and the product stays in range.
            Self.spread(
                min(Self.bounded(first) + Self.bounded(step) * min(attempt - 1, 1 << 30), Self.bounded(most)),
                attempt, seed)
        case .exponential(let first, let most):
            // 2^40 of any first pause is beyond every sensible limit, and the shift stays in range.
            Self.spread(
                min(Self.bounded(first) * (1 << min(attempt - 1, 40)), Self.bounded(most)), attempt, seed)
        case .decorrelated(let first, let most):
            Self.walk(to: attempt, from: Self.bounded(first), most: Self.bounded(most), seed)
        case .schedule(let pauses):
            pauses.isEmpty ? .zero : Self.bounded(pauses[min(attempt, pauses.count) - 1])
        }
    }

    private static func bounded(_ pause: Duration) -> Duration { min(max(pause, .zero), pauseLimit) }

    private static func spread(_ pause: Duration, _ attempt: Int, _ seed: UInt64) -> Duration {
        pause * (0.75 + 0.25 * Chance(seed)[attempt])
    }

    /// The steps of a decorrelated walk that are computed again: two walks that take the same steps meet at
    /// the cap long before so many, wherever they began.
    private static let walkLimit = 256

    /// Takes the walk again from its beginning, instead of remembering the pause before.
    private static func walk(
        to attempt: Int, from first: Duration, most: Duration, _ seed: UInt64
    ) -> Duration {
        let chance = Chance(seed)
        var pause = first
        for step in max(1, attempt - walkLimit + 1)...attempt {
            pause = min(most, first + (pause * 3 - first) * chance[step])
        }
        return pause
    }
}

/// Numbers in 0..<1 that are drawn by a seed and a position, without a state between them.
struct Chance {
    private let seed: UInt64

    init(_ seed: UInt64) { self.seed = seed }

    /// The number at a position (the output function of SplitMix64).
    subscript(position: Int) -> Double {
        Double(Self.mix(seed &+ UInt64(truncatingIfNeeded: position) &* 0x9E37_79B9_7F4A_7C15) >> 11)
            * 0x1p-53
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension ID {
    /// What sets this job's pauses apart from those of others.
    public var seed: UInt64 { Chance.mix(high ^ Chance.mix(low)) }
}
