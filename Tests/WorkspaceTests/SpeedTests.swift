import Core
import Testing

@testable import Workspace

@Suite struct `A workspace of 100,000 tasks` {
    static func tasks(_ count: Int) -> [ProjectTask] {
        var random = SplitMix64(seed: 3)
        let words = (0..<2_000).map { "word\($0)" }
        return (1...count).map { number in
            let title = (0..<6).map { _ in words[random.index(below: words.count)] }.joined(separator: " ")
            let isDone = random.index(below: 2) == 0
            return Garden.task(
                number, title, isDone ? .done : .todo, project: 200_000 + random.index(below: 100),
                by: "person \(random.index(below: 500))", due: Double(random.index(below: 60)) - 20,
                done: isDone ? -Double(random.index(below: 80)) : nil,
                after: number > 10 ? [number - 1 - random.index(below: 9)] : [])
        }
    }

    @Test func `is analysed in seconds`() {
        let tasks = Self.tasks(100_000)
        let projects = (0..<100).map { Garden.project(200_000 + $0, "Project \($0)", deadline: Double($0)) }
        var report = Garden.report([])
        let took = ContinuousClock().measure { report = Garden.report(tasks, projects: projects) }
        #expect(report.counts.kinds[.overdue] ?? 0 > 10_000)
        #expect(report.findings.count <= Finding.Kind.allCases.count * 25)
        // A build without optimisation is many times slower than a release, which takes about two seconds.
        #expect(took < .seconds(90))
    }
}
