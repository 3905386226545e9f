import Calendar
import Core
import SQL
import Workspace

extension Store {
    /// The events and what follows from them; the store must have a scope.
    package struct Calendar: Sendable {
        let store: Store

        var access: Access { store.access }

        /// The most events that one answer is made of.
        package static let mostEvents = 5_000
        /// How much is kept of what is special about instances of one event.
        static let overridesBytes = 1 << 20
        /// The most instances in one answer.
        package static let mostInstances = 5_000

        /// Which instances are asked for.
        package struct Query: Sendable {
            package var range: Range<Moment>
            package var search: String?
            /// The address of somebody who is invited.
            package var attendee: String?
            package var status: String?

            package init(_ range: Range<Moment>) { self.range = range }
        }
    }

    package var calendar: Calendar { Calendar(store: self) }
}

extension Store.Calendar {
    var rows: Rows { store.rows(.calendarEvents) }

    var scope: Scope {
        get throws {
            guard let scope = access.scope else { throw Failure(.broken, "The calendar needs a scope.") }
            return scope
        }
    }

    /// The instances that take any time of the range, in order.
    ///
    /// - Throws: `invalid` when there are too many.
    package func occurrences(_ query: Query) async throws -> [Occurrence] {
        var found: [Occurrence] = []
        for event in try await events(in: query.range, search: query.search) {
            found += try occurrences(of: event, in: query.range).filter(query.fits)
            guard found.count <= Self.mostInstances else { throw Series.tooMany(Self.mostInstances) }
        }
        return found.sorted()
    }

    /// The instances of one event that take any time of the range, in order.
    package func occurrences(of event: Item, in range: Range<Moment>) throws -> [Occurrence] {
        try event.series.instances(in: range, most: Self.mostInstances).map {
            Occurrence(event: event, instance: $0)
        }
    }

    /// The events that may take any time of the range, or all of them.
    ///
    /// - Parameter cutting: whether too many are cut off instead of refused.
    func events(
        in range: Range<Moment>? = nil, search: String? = nil, cutting: Bool = false
    ) async throws -> [Item] {
        var query = Rows.Query()
        query.search = search
        query.limit = Store.Page.most
        if let range {
            query.conditions = [
                Rows.Query.Condition("begins_at < ?", [Value(range.upperBound)]),
                Rows.Query.Condition("(ends_by is null or ends_by > ?)", [Value(range.lowerBound)]),
            ]
        }
        var found: [Item] = []
        while true {
            let page = try await rows.list(query)
            found += page
            guard found.count <= Self.mostEvents else {
                if cutting { return found }
                throw Failure(
                    .invalid, "The range touches more than \(Self.mostEvents) events; choose a shorter one.")
            }
            guard page.count == query.limit, let last = page.last else { return found }
            query.after = Rows.Cursor(last, by: nil)
        }
    }
}

extension Store.Calendar.Query {
    fileprivate func fits(_ occurrence: Occurrence) -> Bool {
        if let status, occurrence["status"].string != status { return false }
        guard let attendee = attendee?.lowercased() else { return true }
        return occurrence.attendees.contains { $0["email"]?.string == attendee }
    }
}

/// One instance of an event with what it shows.
package struct Occurrence: Sendable {
    package let event: Item
    package let instance: Instance

    /// A field as it is for this instance.
    package subscript(name: String) -> JSON {
        instance.override?.fields.first { $0.name == name }?.value ?? event[name]
    }

    package var attendees: [JSON] { self["attendees"].array ?? [] }

    /// True when its people cannot do anything else meanwhile.
    var takesTime: Bool { self["busy"].bool != false && self["status"].string != "cancelled" }

    /// The addresses of those who are invited and did not decline.
    var addresses: Set<String> {
        Set(attendees.filter { $0["reply"] != "declined" }.compactMap { $0["email"]?.string })
    }

    func involves(_ person: Store.Calendar.Person) -> Bool {
        if let user = person.user, event.values.id("organizer_id") == user { return true }
        return addresses.contains(person.email)
    }
}

extension Occurrence: Comparable {
    package static func == (left: Occurrence, right: Occurrence) -> Bool {
        left.instance == right.instance && left.event.id == right.event.id
    }

    package static func < (left: Occurrence, right: Occurrence) -> Bool {
        (left.instance, left.event.id) < (right.instance, right.event.id)
    }
}
