import Calendar
import Core
import Testing

/// One row of a table: a timing as JSON, a moment, and the firings after it.
struct Line: Sendable, CustomTestStringConvertible {
    let timing: JSON
    let after: String
    let firings: [String]

    var testDescription: String { "\(timing.text) after \(after)" }

    init(_ timing: JSON, after: String, _ firings: String...) {
        (self.timing, self.after, self.firings) = (timing, after, firings)
    }

    /// Expects exactly the firings of the row, of which the last may be the last of all.
    func check(isAll: Bool = false) throws {
        let found = try Timing(timing).preview(firings.count + (isAll ? 1 : 0), after: try moment(after))
        #expect(found.map { $0.text.replacing(".000Z", with: "Z") } == firings)
    }
}

/// The moment a text names, which the tests write correctly.
func moment(_ text: String) throws -> Moment { try #require(Moment(text)) }

/// The failure a timing is refused with.
func refusal(_ timing: JSON) throws -> Failure {
    try #require(throws: Failure.self) { try Timing(timing) }
}
