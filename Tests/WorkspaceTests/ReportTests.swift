import Core
import Testing

@testable import Workspace

@Suite struct `A report` {
    static let tasks =
        Garden.mixed + [
            Garden.task(800, "<script>alert(\"x\")</script> & 'more'", due: -9),
            Garden.task(801, "Red\u{1B}[31m alert\nwith a line", due: -9),
            Garden.task(
                802, String(repeating: "x", count: 400), .inProgress, by: String(repeating: "n", count: 190),
                due: -9),
        ]

    @Test func `escapes what people wrote in HTML`() {
        let html = Garden.report(Self.tasks).html
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;more&#39;"))
        #expect(!html.unicodeScalars.contains("\u{1B}"))
        #expect(html.contains("no language model wrote any of it"))
    }

    @Test func `fits a terminal`() {
        let text = Garden.report(Self.tasks).text
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.count <= 100 })
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
        #expect(text.contains("“Red [31m alert with a line”"))
        #expect(text.hasSuffix("no language model wrote any of it.\n"))
    }

    @Test func `is JSON with names in snake case`() throws {
        let json = Garden.report(Self.tasks).json
        #expect(try JSONParser.parse(json.bytes) == json)
        #expect(json["language_model"] == .null)
        #expect(json["summary"]?["tasks_by_status"]?["todo"]?.integer ?? 0 > 0)
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789_")
        #expect(Self.names(json).allSatisfy { $0.allSatisfy(allowed.contains) })
        for finding in json["findings"]?.array ?? [] {
            #expect(finding.members?.map(\.name) == ["kind", "severity", "title", "evidence", "action"])
        }
    }

    static func names(_ json: JSON) -> [String] {
        (json.members ?? []).flatMap { [$0.name] + names($0.value) } + (json.array ?? []).flatMap(names)
    }

    @Test func `does not depend on the order of its input`() {
        var random = SplitMix64(seed: 4)
        let report = Garden.report(Self.tasks)
        for _ in 0..<5 { #expect(Garden.report(Self.tasks.shuffled(using: &random)) == report) }
        #expect(Garden.report(Self.tasks).json.bytes == report.json.bytes)
    }

    @Test func `changes with the seed in its forecasts only`() {
        let (one, two) = (Garden.report(Self.tasks, seed: 1), Garden.report(Self.tasks, seed: 2))
        #expect(one.findings { $0 != .forecast } == two.findings { $0 != .forecast })
    }

    @Test func `counts what it does not list`() {
        let report = Garden.report((1...60).map { Garden.task($0, due: -1 - Double($0)) })
        #expect(report.counts.kinds[.overdue] == 60)
        #expect(report.findings(.overdue).count == 25)
        #expect(report.findings(.overdue).first?.number("days_late") == 61)
        #expect(report.text.contains("OVERDUE (60)"))
        #expect(report.text.contains("… and 52 more."))
    }

    @Test func `puts different kinds among the worst`() {
        let tasks =
            (1...9).map { Garden.task($0, due: -20) }
            + [Garden.task(20, after: [21]), Garden.task(21, after: [20])]
        #expect(Garden.report(tasks).worst(3).map(\.kind) == [.overdue, .cycle, .overdue])
    }

    @Test func `of an empty workspace is calm`() {
        let report = Garden.report([])
        #expect(report.headline == "0 critical, 0 warnings, 1 note")
        #expect(report.findings.map(\.kind) == [.throughput])
    }
}

extension Report {
    fileprivate func findings(where isWanted: (Finding.Kind) -> Bool) -> [Finding] {
        findings.filter { isWanted($0.kind) }
    }
}

extension Garden {
    /// Tasks of every state with some history.
    fileprivate static let mixed: [ProjectTask] = (1...60).map { number in
        let isDone = number % 2 == 0
        return Garden.task(
            number, nil, isDone ? .done : number % 3 == 0 ? .inProgress : .todo,
            number % 5 == 0 ? .high : .medium, by: ["Ada", "Bea", nil][number % 3],
            estimate: Double(number % 9), due: Double(number % 17) - 6, created: -65,
            changed: -Double(number % 25), done: isDone ? -Double(number * number % 53) : nil,
            after: number % 7 == 0 ? [number - 2] : [])
    }
}
