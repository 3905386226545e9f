import Core
import Testing

@testable import Workspace

@Suite struct `Tasks that look alike` {
    @Test(arguments: [
        ("Fix the login crash on iOS", "Login crashes on iOS: fix", Int64?.some(100)),
        ("Write the article about delivery times", "Write an article on delivery times", 80),
        ("Café-Menü prüfen", "cafe menu prufen", 100),
        ("red blue green black white grey pink", "red blue green black white grey gold", 75),
        ("red blue green black white grey", "red blue green black white gold", nil),
        ("Review the notes of sprint 12 with the team", "Review the notes of sprint 13 with the team", nil),
        ("Kickoff", "Kickoff", nil), ("Plant roses", "Water roses", nil),
    ])
    func `share three words in four and every number`(left: String, right: String, percent: Int64?) {
        let found = Garden.find(.duplicate, in: [Garden.task(1, left), Garden.task(2, right)])
        #expect(found.first?.number("similarity_percent")?.integer == percent)
        #expect(found.count == (percent == nil ? 0 : 1))
    }

    @Test func `are critical when two people work on them, and a note across projects`() {
        func severity(_ first: ProjectTask, _ second: ProjectTask) -> Finding.Severity? {
            Garden.find(.duplicate, in: [first, second]).first?.severity
        }
        #expect(severity(Garden.task(1, "Dig pond"), Garden.task(2, "Pond: dig")) == .warning)
        #expect(
            severity(Garden.task(1, "Dig pond", project: 90), Garden.task(2, "Pond: dig", project: 91))
                == .info)
        #expect(
            severity(
                Garden.task(1, "Dig pond", .inProgress, by: "Ada"),
                Garden.task(2, "Pond: dig", .inProgress, by: "Bea")) == .critical)
        #expect(severity(Garden.task(1, "Dig pond", .done), Garden.task(2, "Pond: dig")) == nil)
    }

    @Test func `are one group however many`() {
        let found = Garden.find(.duplicate, in: (1...500).map { Garden.task($0, "Write release notes") })
        #expect(found.map(\.evidence.taskCount) == [500])
    }

    @Test(arguments: 0..<20)
    func `are the same pairs that comparing each with each finds`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let titles = Set(
            (0..<120).map { _ in
                TitleWords(
                    (0...random.index(below: 6)).map { _ in "w\(random.index(below: 14))" }.joined(
                        separator: " "))
            }
        ).sorted { $0.words.lexicographicallyPrecedes($1.words) }
        var expected: Set<[Int]> = []
        for left in titles.indices {
            for right in titles.indices where left < right {
                let (one, two) = (Set(titles[left].words), Set(titles[right].words))
                let share = Double(one.intersection(two).count) / Double(one.union(two).count)
                if share >= 0.75 { expected.insert([left, right]) }
            }
        }
        let found = SimilarPairs(titles, least: 0.75).find()
        #expect(Set(found.map { [$0.first, $0.second] }) == expected)
        #expect(found.count == expected.count)
    }
}
