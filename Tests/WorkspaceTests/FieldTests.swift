import Core
import Testing
import Workspace

@Suite struct `A field` {
    /// A kind of field, what it takes with the form in which it keeps it, and what it refuses.
    struct Sample: Sendable, CustomTestStringConvertible {
        let kind: Field.Kind
        /// What goes in, and what is kept.
        let good: [(JSON, JSON)]
        /// Of another shape.
        let strange: [JSON]
        /// Of the right shape, but against the rule.
        let bad: [JSON]

        var testDescription: String { "\(kind)" }
    }

    static let id = ID()
    static let samples = [
        Sample(
            kind: .text(1...5), good: [("hello", "hello"), ("ééééé", "ééééé")], strange: [1, true, [], [:]],
            bad: ["", "  ", "toolong", "a\u{0}", "a\u{1b}"]),
        Sample(
            kind: .word(["one", "two"]), good: [("one", "one")], strange: [1], bad: ["three", "", "One"]),
        Sample(kind: .flag, good: [(true, true), (false, false)], strange: [0, "true", nil], bad: []),
        Sample(
            kind: .whole(1...9), good: [(1, 1), (9, 9), (3.0, 3)], strange: ["1", 1.5, true, 1e300],
            bad: [0, 10, -1]),
        Sample(
            kind: .number(0...2, unit: "hours"), good: [(0, 0.0), (1.5, 1.5), (2, 2.0)],
            strange: ["1", true],
            bad: [-0.1, 2.1, 1e308]),
        Sample(
            kind: .decimal, good: [("12.3", "12.30"), ("-0.0001", "-0.0001"), ("5", "5.00")],
            strange: [12, 1.5], bad: ["1,5", "1.23456", "01", "", "+1", "1.", "1e3", "1000000000000000"]),
        Sample(
            kind: .time, good: [("2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00.000Z")], strange: [1],
            bad: ["2026-03-01T10:00:00", "2026-02-30T00:00:00Z", "soon", "2026-03-01"]),
        Sample(
            kind: .date, good: [("2028-02-29", "2028-02-29")], strange: [20_280_229],
            bad: ["2027-02-29", "2028-2-9", "2028-13-01", "2028-02-29T", ""]),
        Sample(
            kind: .zone, good: [("Europe/Berlin", "Europe/Berlin"), ("UTC", "UTC")], strange: [1],
            bad: ["Berlin", "", "../etc/passwd"]),
        Sample(
            kind: .email, good: [("ann@example.org", "ann@example.org")], strange: [1],
            bad: [
                "ann", "ann@", "@example.org", "a@b@c.org", "ann@example", "ann @example.org",
                "ann@example.org\r\nBcc: x@y.org", "<ann@example.org>", "ann@-a.org",
            ]),
        Sample(
            kind: .url, good: [("https://example.org/a?b", "https://example.org/a?b")], strange: [1],
            bad: ["example.org", "ftp://example.org", "javascript:alert(1)", "https://", ""]),
        Sample(
            kind: .color, good: [("#1f6FEB", "#1f6FEB")], strange: [1], bad: ["red", "#12345", "#12345g"]),
        Sample(kind: .user, good: [(JSON(id), JSON(id))], strange: [1, []], bad: ["me", ""]),
        Sample(kind: .row("tasks"), good: [(JSON(id), JSON(id))], strange: [1], bad: ["x"]),
        Sample(
            kind: .texts(1...3, most: 2), good: [(["a", "b"], ["a", "b"]), ([], [])],
            strange: ["a", [1], [:]], bad: [["a", "b", "c"], ["long"], ["a", "a"]]),
        Sample(
            kind: .rows("tasks", most: 1), good: [([JSON(id)], [JSON(id)])], strange: [[1]],
            bad: [["x"], [JSON(id), JSON(ID())]]),
        Sample(
            kind: .object(bytes: 10), good: [(["a": 1], ["a": 1])], strange: [[], "x"],
            bad: [["a": "much too long"]]),
        Sample(kind: .json(schema: [:]), good: [([1, "x"], [1, "x"])], strange: [], bad: []),
    ]

    @Test(arguments: samples) func `takes what its kind may hold, in one form`(_ sample: Sample) throws {
        let field = Field("field", sample.kind)
        for (given, kept) in sample.good {
            #expect(try field.check(field.read(given)) == kept, "\(given.text)")
        }
    }

    @Test(arguments: samples) func `refuses another shape when it is read`(_ sample: Sample) throws {
        let field = Field("field", sample.kind)
        for json in sample.strange {
            let failure = #expect(throws: Failure.self, "\(json.text)") { try field.read(json) }
            #expect(failure?.kind == .invalid && failure?.pointer?.hasPrefix("/field") == true)
        }
        #expect(throws: Failure.self) { try field.read(.null) }
        #expect(try field.optional().read(.null) == .null)
    }

    @Test(arguments: samples) func `refuses what breaks its rule when it is checked`(_ sample: Sample) throws
    {
        let field = Field("field", sample.kind)
        for json in sample.bad {
            #expect(throws: Never.self, "\(json.text)") { try field.read(json) }
            let failure = #expect(throws: Failure.self, "\(json.text)") { try field.check(json) }
            #expect(failure?.kind == .invalid && failure?.pointer?.hasPrefix("/field") == true)
            #expect(failure?.message.hasPrefix("field") == true, "\(failure?.message ?? "")")
        }
        #expect(try field.check(.null) == .null)
    }

    @Test func `names the entry of a list that is wrong`() {
        let field = Field("tags", .texts(1...3, most: 5))
        let read = #expect(throws: Failure.self) { try field.read(["a", 1]) }
        let checked = #expect(throws: Failure.self) { try field.check(["a", "b", "long"]) }
        let twice = #expect(throws: Failure.self) { try field.check(["a", "b", "a"]) }
        #expect([read, checked, twice].map { $0?.pointer } == ["/tags/1", "/tags/2", "/tags/2"])
    }
}
