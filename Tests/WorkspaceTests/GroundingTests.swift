import Core
import Testing

@testable import Workspace

@Suite struct `Prose about an analysis` {
    private let report = Garden.report([
        Garden.task(1, "Dig", due: -9), Garden.task(2, "Plant", .inProgress, changed: -40),
    ])

    private func answer(_ sentences: [(String, [String])]) -> JSON {
        [
            "sentences": .array(
                sentences.map { ["text": .string($0.0), "findings": .array($0.1.map(JSON.string))] })
        ]
    }

    @Test func `keeps only sentences that rest on findings which there are`() {
        let grounding = Grounding(report)
        let first = grounding.findings[0]
        #expect(first.id == "f1")
        let (kept, dropped) = grounding.keep(
            answer([
                ("It is overdue by 9 days.", ["f1"]), ("All is well.", []), ("Aliens came.", ["f999"]),
                ("Both matter.", ["f1", "f2"]), ("One is made up.", ["f1", "x"]), ("  ", ["f1"]),
            ]))
        #expect(kept.map(\.text) == ["It is overdue by 9 days.", "Both matter."])
        #expect(dropped == 4)
    }

    @Test func `drops sentences with numbers that no finding has`() {
        let (kept, dropped) = Grounding(report).keep(
            answer([("It is overdue by 9 days.", ["f1"]), ("It is overdue by 77 days.", ["f1"])]))
        #expect(kept.count == 1)
        #expect(dropped == 1)
    }

    @Test func `has no links`() {
        let (kept, _) = Grounding(report).keep(answer([("See https://evil.example now.", ["f1"])]))
        #expect(kept.map(\.text) == ["See https:/evil.example now."])
    }

    @Test func `takes what has the form of its schema`() {
        let check = SchemaCheck(Grounding.form)
        #expect(check.complaint(about: answer([("a", ["f1"])])) == nil)
        #expect(check.complaint(about: ["sentences": "x"])?.contains("/sentences") == true)
        #expect(check.complaint(about: [:])?.contains("missing") == true)
        #expect(
            check.complaint(about: ["sentences": [["text": "x"]]])?.contains("/sentences/0/findings") == true)
        #expect(check.complaint(about: ["sentences": [], "more": 1])?.contains("/more") == true)
    }
}

@Suite struct `A JSON Schema` {
    @Test(
        arguments: [
            (["type": "integer", "minimum": 1, "maximum": 3], [1, 3, 2.0], [0, 4, 2.5, "2", nil]),
            (["type": "string", "minLength": 1, "maxLength": 2], ["a", "äö"], ["", "abc", 1]),
            (["type": ["string", "null"]], ["a", nil], [1, []]),
            (["enum": ["a", 1]], ["a", 1], ["b", 2]),
            (["type": "array", "items": ["type": "boolean"], "minItems": 1], [[true]], [[], [true, 1]]),
            (["oneOf": [["type": "string"], ["type": "null"]]], ["x", nil], [1]),
            (["type": "number"], [1, 1.5], ["1", true]),
        ] as [(JSON, [JSON], [JSON])])
    func `holds what fits and refuses what does not`(_ schema: JSON, _ good: [JSON], _ bad: [JSON]) {
        for value in good { #expect(SchemaCheck(schema).complaint(about: value) == nil, "\(value.text)") }
        for value in bad { #expect(SchemaCheck(schema).complaint(about: value) != nil, "\(value.text)") }
    }
}

@Suite struct `A suggestion` {
    @Test func `follows from findings, with an id that lasts and what it rests on`() throws {
        let tasks = [
            Garden.task(1, "Dig", due: -9), Garden.task(2, "Plant", .inProgress, changed: -40),
            Garden.task(3, "Weed", .todo, .low, due: 1),
        ]
        let (first, again) = (Garden.report(tasks).suggestions, Garden.report(tasks).suggestions)
        #expect(first == again)
        let kinds = Set(first.map(\.kind))
        #expect(kinds == [.followUp, .priority, .time])
        #expect(first.map(\.severity) == first.map(\.severity).sorted())
        for suggestion in first { #expect(suggestion.evidence.tasks.contains { $0.id == suggestion.task }) }
        let time = try #require(first.first { $0.kind == .time })
        #expect(time.id == "time-\(Garden.id(1))")
        let due = time.change.first?.value.string
        #expect(due == "2026-11-27T17:00:00.000Z")
    }
}

@Suite struct `The price of a call` {
    @Test func `counts cached input apart and rounds up`() {
        let price = Price(input: 2_500_000, output: 10_000_000, cached: 250_000)
        #expect(price.cost_micro(input: 1_000, output: 0) == 2_500)
        #expect(price.cost_micro(input: 1_000, cached: 1_000, output: 0) == 250)
        #expect(price.cost_micro(input: 0, output: 1) == 10)
        #expect(Price(input: 1, output: 1).cost_micro(input: 1, output: 0) == 1)
        #expect(price.cost_micro(input: 10, cached: 99, output: 0) == 3)
    }
}
