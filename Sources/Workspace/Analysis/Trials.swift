/// Plays the rest of a project many times over, each week as productive as some past week drawn at random.
struct Trials {
    /// Weeks until the work was done, one for each run, sorted; infinite where a run never ended.
    let weeks: [Double]

    init(remaining: Int, history: [Int], runs: Int, limit: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var weeks: [Double] = []
        weeks.reserveCapacity(runs)
        for _ in 0..<runs {
            weeks.append(Self.run(remaining, history, limit, &random))
        }
        self.weeks = weeks.sorted()
    }

    /// The share of runs that ended within so many weeks.
    func share(within limit: Double) -> Double {
        weeks.isEmpty ? 0 : Double(weeks.count { $0 <= limit }) / Double(weeks.count)
    }

    /// The last week counts only as far as it was needed.
    private static func run(
        _ remaining: Int, _ history: [Int], _ limit: Int, _ random: inout SplitMix64
    ) -> Double {
        var left = remaining
        for week in 0..<limit {
            let done = history[random.index(below: history.count)]
            if done >= left { return Double(week) + (left == 0 ? 0 : Double(left) / Double(done)) }
            left -= done
        }
        return .infinity
    }
}
