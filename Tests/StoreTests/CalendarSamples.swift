import Calendar
import Core
import Store
import Testing
import Workspace

/// The moment a text names, which the tests write correctly.
func at(_ text: String) throws -> Moment { try #require(Moment(text)) }

extension Store {
    /// An hour at nine in the morning of the fifth of January 2032, a Monday, unless told otherwise.
    @discardableResult
    func event(_ more: [String: JSON] = [:]) async throws -> Item {
        let values: [String: JSON] = [
            "title": "Standup", "starts_at": "2032-01-05T09:00:00Z", "ends_at": "2032-01-05T10:00:00Z",
        ]
        return try await rows(.calendarEvents).create(Values(values.merging(more) { $1 }))
    }

    /// What takes place in January 2032: titles and starts.
    func january(_ change: (inout Calendar.Query) -> Void = { _ in }) async throws -> [String] {
        var query = Calendar.Query(try at("2032-01-01T00:00:00Z")..<at("2032-02-01T00:00:00Z"))
        change(&query)
        return try await calendar.occurrences(query).map {
            "\($0["title"].string ?? "") \($0.instance.start.text.dropFirst(8).dropLast(8))"
        }
    }
}
