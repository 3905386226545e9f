import Core
import Testing
import Workspace

@Suite struct `A noun` {
    static let noun = Noun(
        "voice_note", "voice_notes", event: "voice:note", endings: ["created": "new"],
        fields: [
            Field("title", .text(1...9)).required().searched(),
            Field("pages", .whole(1...9)).or(1),
            Field("kind", .word(["a", "b"])).or("a").fixed(),
            Field("until", .time).optional().fixed(),
            Field("seen", .flag).or(false).shown(),
            Field("tags", .texts(1...9, most: 3)).or([]).elsewhere(),
        ],
        laws: [
            { values throws(Failure) in
                if values.whole("pages") == 9 { throw Failure(.invalid, "pages is odd.", at: "/pages") }
            }
        ])

    private func refusal(_ work: () throws -> Values) -> String {
        do {
            return "taken: \(try work())"
        } catch let failure as Failure {
            return "\(failure.kind.rawValue) \(failure.pointer ?? "-")"
        } catch {
            return "\(error)"
        }
    }

    @Test func `reads a request field by field`() throws {
        let values = try Self.noun.read(["title": "T", "pages": 2])
        #expect(values == Values(["title": "T", "pages": 2]))
        let cases: [(JSON, String)] = [
            ([], "invalid -"), ("x", "invalid -"), (["what": 1], "invalid /what"),
            (["seen": true], "invalid /seen"), (["pages": "2"], "invalid /pages"),
            (["pages": nil], "invalid /pages"), (["id": "x"], "invalid /id"),
            (.object([.init("title", "a"), .init("title", "b")]), "invalid /title"),
        ]
        for (json, expected) in cases {
            #expect(refusal { try Self.noun.read(json) } == expected, "\(json.text)")
        }
    }

    @Test func `fills a new row, and holds it to its rules`() throws {
        let values = try Self.noun.fresh(Values(["title": "T"]))
        #expect(
            values
                == Values([
                    "title": "T", "pages": 1, "kind": "a", "until": .null, "seen": false, "tags": [],
                ]))
        #expect(refusal { try Self.noun.fresh(Values()) } == "invalid /title")
        #expect(refusal { try Self.noun.fresh(Values(["title": " "])) } == "invalid /title")
        #expect(refusal { try Self.noun.fresh(Values(["title": "T", "pages": 9])) } == "invalid /pages")
    }

    @Test func `changes what is said, and nothing else`() throws {
        let time: JSON = "2026-01-01T00:00:00Z"
        let before = try Self.noun.fresh(Values(["title": "T", "until": time]))
        let after = try Self.noun.changed(before, by: Values(["pages": 3]))
        #expect(after == before.changed(by: Values(["pages": 3])))
        #expect(refusal { try Self.noun.changed(before, by: Values(["kind": "b"])) } == "invalid /kind")
        #expect(try Self.noun.changed(before, by: Values(["kind": "a", "until": time])) == before)
        #expect(refusal { try Self.noun.changed(before, by: Values(["pages": 9])) } == "invalid /pages")
        #expect(refusal { try Self.noun.changed(before, by: Values(["pages": 10])) } == "invalid /pages")
    }

    @Test func `says what its events are called and which fields are whose`() {
        #expect(Self.noun.event("created") == "voice:note:new")
        #expect(Self.noun.event("deleted") == "voice:note:deleted")
        #expect(Noun.task.event("created") == "task:created")
        #expect(!Self.noun.taken.map(\.name).contains("seen"))
        #expect(!Self.noun.stored.map(\.name).contains("tags"))
        #expect(Self.noun.isSearched && Self.noun.title == "voice note")
    }

    @Test func `of a task that recurs has a due date`() {
        let rule: JSON = "FREQ=DAILY"
        #expect(
            refusal { try Noun.task.fresh(Values(["title": "T", "recurrence": rule])) } == "invalid /due_date"
        )
        #expect(throws: Never.self) {
            try Noun.task.fresh(
                Values(["title": "T", "recurrence": rule, "due_date": "2026-01-01T00:00:00Z"]))
        }
    }
}

@Suite struct `A mention` {
    private static let people = [("ann@example.org", "Ann"), ("bo@example.org", "Bo Li"), ("x@y.org", "")]
        .map { Mentions.Person(id: ID(), email: $0.0, name: $0.1) }

    private func found(_ text: String) -> [Int] {
        Mentions.find(in: text, among: Self.people).compactMap { id in
            Self.people.firstIndex { $0.id == id }
        }
    }

    @Test func `is an e-mail address or a name behind an at sign`() {
        #expect(found("Hi @ann, and @bo li!") == [0, 1])
        #expect(found("@BoLi @ANN@example.org") == [1, 0])
        #expect(found("(@x@y.org)") == [2])
        #expect(found("@ann @Ann @ann@example.org") == [0])
    }

    @Test func `is neither an address in the text nor the beginning of a longer name`() {
        #expect(found("write to ann@example.org or me@ann.org") == [])
        #expect(found("@annabel @bo @ @@") == [])
    }
}
