import Core

/// How one instance of a series differs from the others.
package struct Override: Sendable, Hashable {
    /// When the instance would start if it were like the others: its name within the series.
    package let id: Moment
    /// When it starts instead.
    package var start: Moment?
    /// When it ends instead.
    package var end: Moment?
    /// Its other fields that differ, by their names in the API, in order of the names.
    package private(set) var fields: [JSON.Member]

    package init(id: Moment, start: Moment? = nil, end: Moment? = nil, fields: [JSON.Member] = []) {
        (self.id, self.start, self.end) = (id, start, end)
        self.fields = fields.sorted { $0.name < $1.name }
    }

    /// Reads what `json` writes.
    ///
    /// - Throws: `Failure(.invalid)` at the member that is wrong.
    package init(_ json: JSON, at pointer: String = "") throws {
        guard let members = json.members, let id = try Self.moment(json, "recurrence_id", pointer) else {
            throw Failure(.invalid, "An override names its instance by recurrence_id.", at: pointer)
        }
        self.init(
            id: id, start: try Self.moment(json, "starts_at", pointer),
            end: try Self.moment(json, "ends_at", pointer),
            fields: members.filter { !Self.times.contains($0.name) })
    }

    private static let times: Set = ["recurrence_id", "starts_at", "ends_at"]

    private static func moment(_ json: JSON, _ name: String, _ pointer: String) throws -> Moment? {
        guard let value = json[name], value != .null else { return nil }
        return try Moment(value, at: "\(pointer)/\(name)")
    }

    package var json: JSON {
        let times = [("recurrence_id", id), ("starts_at", start), ("ends_at", end)]
        return .object(times.compactMap { name, time in time.map { .init(name, .string($0.text)) } } + fields)
    }

    /// This override with the differences of a later one on top.
    package func adding(_ later: Override) -> Override {
        let names = Set(later.fields.map(\.name))
        return Override(
            id: id, start: later.start ?? start, end: later.end ?? end,
            fields: fields.filter { !names.contains($0.name) } + later.fields)
    }

    /// The same differences of another instance.
    func moved(to id: Moment) -> Override {
        var moved = Override(id: id, start: start, end: end)
        moved.fields = fields
        return moved
    }

    /// True when the instance does not take place.
    package var isCancelled: Bool { fields.contains(.init("status", "cancelled")) }
}

extension Moment {
    /// The moment that a JSON string names.
    ///
    /// - Throws: `Failure(.invalid)` at `pointer` for all that is no RFC 3339 time in whole seconds.
    package init(_ json: JSON, at pointer: String) throws {
        guard let moment = json.string.flatMap({ Moment($0) }) else {
            let message = "This is a time with a zone, such as 2026-03-29T09:00:00+02:00."
            throw Failure(.invalid, message, at: pointer)
        }
        guard moment.microseconds % 1_000_000 == 0 else {
            throw Failure(.invalid, "Times of the calendar are in whole seconds.", at: pointer)
        }
        self = moment
    }
}
