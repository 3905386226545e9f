import Core

/// How many things happened in each of the last weeks, the latest week last.
struct WeeklyCounts: Sendable, Hashable {
    private(set) var counts: [Int]

    /// Weeks end at `now` and are counted back from it.
    init(_ moments: some Sequence<Moment>, now: Moment, weeks: Int) {
        counts = [Int](repeating: 0, count: weeks)
        let week: Int64 = 7 * 86_400_000_000
        for moment in moments where moment <= now {
            let age = (now.microseconds - moment.microseconds) / week
            if age < weeks { counts[weeks - 1 - Int(age)] += 1 }
        }
    }

    var total: Int { counts.reduce(0, +) }

    var mean: Double { counts.isEmpty ? 0 : Double(total) / Double(counts.count) }

    /// What happened in the earlier half of the weeks, and in the later.
    var halves: (before: Int, lately: Int) {
        let half = counts.count / 2
        return (counts.prefix(half).reduce(0, +), counts.suffix(half).reduce(0, +))
    }

    var json: JSON { .array(counts.map { .integer(Int64($0)) }) }
}
