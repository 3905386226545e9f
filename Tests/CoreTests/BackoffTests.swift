import Core
import Foundation
import Testing

@Suite struct `C1-C3 A backoff` {
    let exponential = Backoff.exponential(first: .seconds(5), most: .seconds(3_600))

    /// Samples a policy and attempt are measured by.
    private static let samples = 100_000

    /// A policy, an attempt, and the share of pauses that are to be at most so many seconds long.
    struct Row: Sendable, CustomTestStringConvertible {
        let backoff: Backoff
        let attempt: Int
        let share: @Sendable (Double) -> Double
        let testDescription: String

        init(
            _ name: String, _ backoff: Backoff, _ attempt: Int,
            _ share: @escaping @Sendable (Double) -> Double
        ) {
            (self.backoff, self.attempt, self.share) = (backoff, attempt, share)
            testDescription = "\(name) after attempt \(attempt)"
        }
    }

    private static func even(_ low: Double, _ high: Double) -> @Sendable (Double) -> Double {
        { min(max(($0 - low) / (high - low), 0), 1) }
    }

    private static func always(_ value: Double) -> @Sendable (Double) -> Double { { $0 < value ? 0 : 1 } }

    static let table: [Row] = [
        Row("fixed", .fixed(.seconds(7)), 1, always(7)), Row("fixed", .fixed(.seconds(7)), 99, always(7)),
        Row("listed", .schedule([.seconds(1), .seconds(60)]), 1, always(1)),
        Row("listed", .schedule([.seconds(1), .seconds(60)]), 2, always(60)),
        Row("listed", .schedule([.seconds(1), .seconds(60)]), 9, always(60)),
        Row("linear", .linear(first: .seconds(4), step: .seconds(2), most: .seconds(20)), 1, even(3, 4)),
        Row("linear", .linear(first: .seconds(4), step: .seconds(2), most: .seconds(20)), 5, even(9, 12)),
        Row("linear", .linear(first: .seconds(4), step: .seconds(2), most: .seconds(20)), 50, even(15, 20)),
        Row("exponential", .exponential(first: .seconds(5), most: .seconds(100)), 1, even(3.75, 5)),
        Row("exponential", .exponential(first: .seconds(5), most: .seconds(100)), 4, even(30, 40)),
        Row("exponential", .exponential(first: .seconds(5), most: .seconds(100)), 40, even(75, 100)),
        Row("decorrelated", .decorrelated(first: .seconds(2), most: .seconds(100)), 1, even(2, 6)),
        // The mean over an even U in 2...6 of the share of 2...3U that is at most x.
        Row(
            "decorrelated", .decorrelated(first: .seconds(2), most: .seconds(100)), 2,
            { x in
                let low = min(max(x / 3, 2), 6)
                let whole = low - 2
                let part = (x - 2) / 3 * log((3 * 6 - 2) / (3 * low - 2))
                return min(max((whole + max(part, 0)) / 4, 0), 1)
            }),
    ]

    /// The largest distance between what was drawn and what should be (Kolmogorov and Smirnov).
    private static func distance(_ drawn: [Double], _ share: (Double) -> Double) -> Double {
        let sorted = drawn.sorted()
        var (largest, index) = (0.0, 0)
        while index < sorted.count {
            var next = index
            while next < sorted.count, sorted[next] == sorted[index] { next += 1 }
            let (below, upTo) = (share(sorted[index].nextDown), share(sorted[index]))
            largest = max(largest, abs(Double(index) / Double(sorted.count) - below))
            largest = max(largest, abs(Double(next) / Double(sorted.count) - upTo))
            index = next
        }
        return largest
    }

    @Test(arguments: table) func `spreads its pauses as its formula says`(row: Row) {
        let drawn = (0..<Self.samples).map { job in
            row.backoff.pause(after: row.attempt, seed: UInt64(job)).seconds
        }
        // Exceeded by chance once in a hundred million times; seeds are the same in every run.
        #expect(Self.distance(drawn, row.share) < 3.1 / Double(Self.samples).squareRoot())
    }

    @Test func `walks from each pause evenly to three times it, and stays at its most`() {
        let most = 500.0
        let backoff = Backoff.decorrelated(first: .seconds(2), most: .seconds(most))
        var (steps, capped, expected): ([Double], Double, Double) = ([], 0, 0)
        for job in 0..<10_000 as Range<UInt64> {
            var last = 2.0
            for attempt in 1...30 {
                let pause = backoff.pause(after: attempt, seed: job).seconds
                #expect(pause >= 2 && pause <= most)
                let free = min(1, (most - 2) / (3 * last - 2))
                expected += 1 - free
                if pause == most { capped += 1 } else { steps.append((pause - 2) / (3 * last - 2) / free) }
                last = pause
            }
        }
        // Pauses are whole microseconds here, so that the shares are even up to a millionth.
        #expect(Self.distance(steps, Self.evenShare) < 3.1 / Double(steps.count).squareRoot() + 1e-6)
        #expect(abs(capped - expected) < 6 * expected.squareRoot())
    }

    private static let evenShare = even(0, 1)

    @Test func `walks on the same way however far it has come`() {
        let backoff = Backoff.decorrelated(first: .seconds(2), most: .seconds(500))
        for job in 0..<200 as Range<UInt64> {
            for attempt in [300, 1_000, 100_000] {
                let (last, pause) = (
                    backoff.pause(after: attempt - 1, seed: job).seconds,
                    backoff.pause(after: attempt, seed: job).seconds
                )
                #expect(pause <= 3 * last + 1e-6)
            }
        }
        #expect(backoff.pause(after: .max, seed: 1) <= .seconds(500))
    }

    @Test func `grows without its most as its mean says: two times 1.5 to the n, less one`() {
        let backoff = Backoff.decorrelated(first: .seconds(1), most: Backoff.pauseLimit)
        for attempt in 1...6 {
            let total = (0..<Self.samples).reduce(0.0) {
                $0 + backoff.pause(after: attempt, seed: UInt64($1)).seconds
            }
            let mean = 2 * pow(1.5, Double(attempt)) - 1
            #expect(abs(total / Double(Self.samples) - mean) < mean * 0.02)
        }
    }

    @Test(arguments: [
        (1, 5), (2, 10), (3, 20), (10, 2_560), (11, 3_600), (12, 3_600), (500, 3_600), (Int.max, 3_600),
    ])
    func `doubles up to its most, a quarter of it random`(attempt: Int, seconds: Int) {
        let full = Duration.seconds(seconds)
        for job in 0..<1_000 as Range<UInt64> {
            let pause = exponential.pause(after: attempt, seed: job)
            #expect(pause >= full * 0.75 && pause < full)
        }
    }

    @Test(arguments: [0, -1, Int.min])
    func `takes a senseless attempt for the first`(attempt: Int) {
        #expect(exponential.pause(after: attempt, seed: 5) == exponential.pause(after: 1, seed: 5))
        #expect(
            Backoff.schedule([.seconds(1), .seconds(2)]).pause(after: attempt, seed: 5) == .seconds(1))
    }

    @Test(arguments: [
        Backoff.fixed(.seconds(1 << 60)),
        .linear(first: .zero, step: .seconds(1 << 60), most: .seconds(1 << 60)),
        .exponential(first: .seconds(1 << 60), most: .seconds(1 << 60)),
        .decorrelated(first: .seconds(1 << 60), most: .seconds(1 << 60)), .schedule([.seconds(1 << 60)]),
        .fixed(.seconds(-5)), .decorrelated(first: .seconds(-5), most: .seconds(-9)), .schedule([]),
    ])
    func `stays between nothing and a year whatever it is told`(backoff: Backoff) {
        for attempt in [1, 2, 60, .max] {
            let pause = backoff.pause(after: attempt, seed: 3)
            #expect(pause >= .zero && pause <= Backoff.pauseLimit)
        }
    }

    @Test func `is the same whenever it is asked, and another for another job`() {
        let (one, other) = (ID(), ID())
        #expect(exponential.pause(after: 4, seed: one.seed) == exponential.pause(after: 4, seed: one.seed))
        #expect(exponential.pause(after: 4, seed: one.seed) != exponential.pause(after: 4, seed: other.seed))
    }
}
