import Core
import Testing

@testable import Workspace

@Suite struct `A percentile` {
    @Test(arguments: [(0.5, 5), (0.85, 9), (0.95, 10), (0, 1), (1, 10), (0.1, 1), (0.11, 2)])
    func `is a value that was seen`(share: Double, value: Int) {
        #expect(Percentile.of(Array(1...10), share) == value)
    }

    @Test func `of nothing is nothing`() { #expect(Percentile.of([Int](), 0.5) == nil) }
}

@Suite struct `The generator of random numbers` {
    /// The first numbers of the published reference implementation for seed 1234567.
    @Test func `follows SplitMix64`() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func `spreads evenly`() {
        var random = SplitMix64(seed: 9)
        var counts = [0, 0, 0, 0, 0]
        for _ in 0..<50_000 { counts[random.index(below: 5)] += 1 }
        #expect(counts.allSatisfy { (9_600...10_400).contains($0) })
    }
}

@Suite struct `A run of trials` {
    static func weeks(_ remaining: Int, _ history: [Int], seed: UInt64 = 1) -> Trials {
        Trials(remaining: remaining, history: history, runs: 5_000, limit: 260, seed: seed)
    }

    @Test func `is exact when every week was the same`() {
        #expect(Set(Self.weeks(10, [5, 5, 5]).weeks) == [2])
        #expect(Set(Self.weeks(5, [10]).weeks) == [0.5])
        #expect(Set(Self.weeks(3, [0, 0]).weeks) == [.infinity])
    }

    @Test func `follows the odds of the past weeks`() {
        // Each week brings all or nothing with even odds: 1/2, 3/4, 7/8 of the runs end within 1, 2, 3 weeks.
        let trials = Self.weeks(10, [0, 10])
        for (weeks, share) in [(1.0, 0.5), (2, 0.75), (3, 0.875)] {
            #expect(abs(trials.share(within: weeks) - share) < 0.03)
        }
    }

    @Test func `is the same for the same seed and differs for another`() {
        let history = [1, 4, 2, 7, 0, 3, 5, 2]
        #expect(Self.weeks(40, history).weeks == Self.weeks(40, history).weeks)
        #expect(Self.weeks(40, history).weeks != Self.weeks(40, history, seed: 2).weeks)
    }
}

@Suite struct `A forecast` {
    /// Two tasks done in each of eight weeks, and four open.
    static func steady(project: Int? = nil, done: Int = 16) -> [ProjectTask] {
        (0..<done).map { index in
            Garden.task(
                index + 1, nil, .done, project: project, created: -60, done: -3.5 - 7 * Double(index / 2))
        } + (0..<4).map { Garden.task(900 + $0, project: project) }
    }

    @Test func `of a steady team is a date`() {
        let found = Garden.find(.forecast, in: Self.steady())
        let date = JSON.string(Garden.days(14).text)
        #expect(found.count == 1)
        #expect(["p50", "p85", "p95"].map { found.first?.number($0) } == [date, date, date])
        #expect(found.first?.number("state") == "forecast")
    }

    @Test(arguments: [(15.0, Finding.Severity.info, 1.0), (13, .critical, 0)])
    func `is held against the deadline`(deadline: Double, severity: Finding.Severity, odds: Double) {
        let found = Garden.find(
            .forecast, in: Self.steady(project: 90), projects: [Garden.project(90, deadline: deadline)])
        #expect(found.map(\.evidence.project) == [nil, Garden.id(90)])
        #expect(found.last?.severity == severity)
        #expect(found.last?.number("on_time_share") == .double(odds))
    }

    @Test func `is refused where too little was finished, or in too little time`() {
        let few = Garden.find(.forecast, in: Self.steady(done: 9))
        #expect(few.map { $0.number("state") } == ["insufficient_data"])
        #expect(few.first?.number("p50") == nil)
        let young = (1...12).map { Garden.task($0, nil, .done, done: -Double($0)) } + [Garden.task(90)]
        #expect(Garden.find(.forecast, in: young).map { $0.number("state") } == ["insufficient_data"])
    }

    @Test func `leaves out what is on hold or finished`() {
        let tasks =
            Self.steady() + [Garden.task(990, project: 90), Garden.task(991, nil, .done, project: 91)]
        let found = Garden.find(
            .forecast, in: tasks, projects: [Garden.project(90, "Later", .onHold), Garden.project(91)])
        #expect(found.map { $0.number("open_tasks") } == [4])
    }
}

@Suite struct `The pace of a team` {
    @Test func `counts whole weeks back from now`() {
        let tasks = [-0.5, -6.9, -7.1, -55.9, -56, 1].enumerated().map { index, done in
            Garden.task(index + 1, nil, .done, created: -70, done: done)
        }
        let finding = Garden.find(.throughput, in: tasks + [Garden.task(50, nil, .done)]).first
        #expect(finding?.number("done_per_week") == [1, 0, 0, 0, 0, 0, 1, 2])
        #expect(finding?.number("done_without_date") == 1)
    }

    @Test func `shows lead time and hours spent`() {
        let tasks = (1...10).map { number in
            Garden.task(number, nil, .done, spent: Double(number) / 2, created: -1 - Double(number), done: -1)
        }
        let finding = Garden.find(.throughput, in: tasks).first
        let names = ["lead_days_p50", "lead_days_p85", "hours_spent_p50", "hours_spent_p85"]
        #expect(names.map { finding?.number($0)?.double } == [5, 9, 2.5, 4.5])
    }

    @Test(arguments: [(4, Finding.Severity.warning), (5, .info)])
    func `warns when the later weeks bring much less`(lately: Int, severity: Finding.Severity) {
        let tasks =
            (1...8).map { Garden.task($0, nil, .done, created: -50, done: -40) }
            + (0..<lately).map { Garden.task($0 + 20, nil, .done, created: -50, done: -3) }
        #expect(Garden.find(.throughput, in: tasks).first?.severity == severity)
    }

    @Test func `is told even when nothing was done`() {
        #expect(
            Garden.find(.throughput, in: []).map(\.title) == ["No task was finished in the last 8 weeks."])
    }
}
