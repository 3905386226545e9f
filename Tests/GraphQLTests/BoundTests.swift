import Core
import Testing

@testable import GraphQL

@Suite struct `The bounds of a document` {
    private func complaint(_ document: String) async -> String {
        await Library().answer(document).messages.first ?? "answered"
    }

    @Test func `are its size, depth, cost and aliases`() async {
        let circle = String(repeating: "author { books { ", count: 5)
        let deep = "{ book(id: 1) { \(circle) id \(String(repeating: "}", count: 12))"
        #expect(await complaint(deep).contains("goes") == false)
        let page = "{ books(first: 200) { nodes { author { books { title } } } } }"
        #expect(await complaint(page).contains("costs more than it may; 5000 fields"))
        #expect(await complaint("{ books(first: 20) { nodes { author { books { title } } } } }") != "")
        let long = "# " + String(repeating: "x", count: 65_536) + "\n{ books { next } }"
        #expect(await complaint(long) == "The document may have 65536 bytes at most.")
        let many = (0...50).map { "a\($0): book(id: 1) { id }" }.joined(separator: " ")
        #expect(await complaint("{ \(many) }").contains("has too many aliases; 50"))
    }

    @Test func `hold for the depth`() async {
        var library = Engine(Library.blueprint)
        var bounds = Bounds()
        bounds.cost = .max
        bounds.entries = 1
        library = Engine(Library.blueprint, bounds: bounds)
        func nested(_ times: Int) -> String {
            "{ book(id: 1) { \(String(repeating: "author { books { ", count: times)) id "
                + String(repeating: "} ", count: 2 * times + 2)
        }
        #expect(throws: Never.self) { _ = try library.plan(.init(nested(5))) }
        #expect(throws: Engine.Refusal.self) { _ = try library.plan(.init(nested(6))) }
    }

    @Test func `hold for fragments that spread each other`() async {
        let fragments = (1..<40).map {
            "fragment F\($0) on Author { books { a: author { ...F\($0 + 1) } b: author { ...F\($0 + 1) } } }"
        }
        let document =
            "{ book(id: 1) { author { ...F1 } } } \(fragments.joined(separator: " ")) "
            + "fragment F40 on Author { id }"
        #expect(await complaint(document).hasPrefix("The document "))
    }

    @Test func `hold for brackets without end`() async {
        for open in ["{a", "[", "{ a(x: [[", "{a(x:{y:"] {
            let answer = await complaint(String(repeating: open, count: 8_000))
            #expect(answer != "answered")
        }
        #expect(await complaint("{ echo(of: " + String(repeating: "[", count: 9_000)).contains("64 deep"))
    }

    @Test func `let a client ask about all types, and not about types of types of types`() async {
        let usual =
            "{ __schema { types { fields { args { type { ofType { ofType { ofType { name } } } } } } } } }"
        #expect(await complaint(usual) == "answered")
        let greedy = "{ __schema { types { fields { type { fields { name } } } } } }"
        #expect(await complaint(greedy).contains("asks for types within types"))
        #expect(
            await complaint(
                "{ a: __schema { types { name } } b: __typename c: __schema { types { name } } "
                    + "d: __schema { types { name } } }"
            ).contains("too often"))
    }
}

@Suite struct `The reader of documents` {
    /// A source of equal chance that a seed repeats.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let words = [
        "{", "}", "(", ")", "[", "]", ":", "!", "$", "@", "...", "on", "query", "mutation", "fragment",
        "book",
        "books", "nodes", "id", "title", "author", "first", "F", "Book", "Query", "ID", "=", "1", "-0.5e3",
        "\"x\"", "\"\"\"b\n c\"\"\"", "true", "null", "skip", "if", "#c\n", "\u{FEFF}", "ä", "\\", "\u{0}",
        "|",
        "&", " ", "\n",
    ]

    @Test func `ends on any text with an answer or a complaint`() {
        var dice = Dice(state: 7)
        let engine = Engine(Library.blueprint)
        var planned = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...25, using: &dice)
            let parts = (0..<count).map { _ in Self.words.randomElement(using: &dice) ?? "" }
            do {
                _ = try engine.plan(.init(parts.joined(separator: " ")))
                planned += 1
            } catch { #expect(error is Engine.Refusal) }
        }
        // A sound document with one byte changed comes closer to what is understood.
        let sound = Array(
            "query A($i: ID! = 1) { b: book(id: $i) @skip(if: false) { ...F id } } fragment F on Book { id }"
                .utf8)
        for _ in 0..<20_000 {
            var bytes = sound
            for _ in 0...Int.random(in: 0...1, using: &dice) {
                bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            do {
                _ = try engine.plan(.init(String(decoding: bytes, as: UTF8.self)))
                planned += 1
            } catch { #expect(error is Engine.Refusal) }
        }
        #expect(planned > 100)
    }
}
