import Calendar
import Core
import SQL
import Workspace

extension Store.Calendar {
    /// Somebody whose time is looked at.
    package struct Person: Sendable, Hashable {
        /// In lower case.
        package let email: String
        /// Nil for who is no user of the workspace.
        package let user: ID?
        /// Nil where it is not known.
        package let zone: Zone?
    }

    /// How far ahead an event is compared with others, and how many of its instances.
    package static let conflictDays = 92
    package static let conflictInstances = 50
    /// How many conflicts are told.
    package static let mostConflicts = 20

    /// The people that e-mail addresses or ids of users name.
    ///
    /// - Throws: `invalid` for what is neither.
    package func people(_ names: [String]) async throws -> [Person] {
        var people: [Person] = []
        for name in names {
            let id = ID(name)
            let column = id == nil ? "email" : "id"
            let found = try await access.query(
                """
                select u.id, u.email, a.time_zone from users u left join accounts a on a.id = u.account_id
                where u.workspace_id = $1 and u.\(column) = $2 and u.removed_at is null
                """, [Value(try scope.workspace), .text(id?.text ?? name.lowercased())], Person.init)
            if let person = found.first {
                people.append(person)
            } else if id == nil, Field.isEmail(name) {
                people.append(Person(email: name.lowercased(), user: nil, zone: nil))
            } else {
                throw Failure(
                    .invalid,
                    "\"\(name.prefix(60))\" is neither an e-mail address nor a user of the workspace.")
            }
        }
        return people
    }

    /// When each of the people is busy within the range.
    package func busy(_ people: [Person], in range: Range<Moment>) async throws -> [[Range<Moment>]] {
        let all = try await occurrences(Query(range)).filter(\.takesTime)
        return people.map { person in all.filter { $0.involves(person) }.map(\.instance.span) }
    }

    /// Instances of other events that take the time of people of this one: of its next instances within three
    /// months.
    package func conflicts(of event: Item, at now: Moment = .now) async throws -> [Occurrence] {
        let own = try ours(event, now)
        guard let first = own.map(\.instance.start).min(), let last = own.map(\.instance.end).max() else {
            return []
        }
        let others = try await some(in: first..<last).filter { $0.takesTime && $0.event.id != event.id }
        let mails = try await addresses(of: (own + others).compactMap { $0.event.values.id("organizer_id") })
        return Array(
            others.filter { other in
                own.contains {
                    $0.instance.span.overlaps(other.instance.span)
                        && !$0.people(mails).isDisjoint(with: other.people(mails))
                }
            }.prefix(Self.mostConflicts))
    }

    /// What takes place in the range, as far as it is looked at: a full calendar keeps nobody from writing.
    private func some(in range: Range<Moment>) async throws -> [Occurrence] {
        try await events(in: range, cutting: true).flatMap { event in
            try event.series.some(in: range, most: Self.conflictInstances * 4).map {
                Occurrence(event: event, instance: $0)
            }
        }
    }

    /// The e-mail addresses of users.
    private func addresses(of users: [ID]) async throws -> [ID: String] {
        var found: [ID: String] = [:]
        for list in IDList.cut(Array(Set(users)), after: 1) {
            let rows = try await access.query(
                "select id, email from users where workspace_id = $1 and id in \(list.sql)",
                [Value(try scope.workspace)] + list.values
            ) { (try $0.get("id", as: ID.self), try $0.get("email", as: String.self)) }
            found.merge(rows) { $1 }
        }
        return found
    }

    /// The next instances of an event that take time.
    private func ours(_ event: Item, _ now: Moment) throws -> [Occurrence] {
        let series = try event.series
        var (found, from) = ([Occurrence](), max(series.earliest, now) + .microseconds(-1))
        let end = from + .seconds(Self.conflictDays * 86_400)
        while found.count < Self.conflictInstances, let next = series.next(after: from), next.start < end {
            found.append(Occurrence(event: event, instance: next))
            from = next.start
        }
        return found.filter(\.takesTime)
    }

    /// The user of that id.
    func user(_ id: ID?) async throws -> Person? {
        guard let id else { return nil }
        return try await access.query(
            """
            select u.id, u.email, a.time_zone from users u left join accounts a on a.id = u.account_id
            where u.workspace_id = $1 and u.id = $2
            """, [Value(try scope.workspace), Value(id)], Person.init
        ).first
    }
}

extension Occurrence {
    /// The addresses of all whose time it takes.
    fileprivate func people(_ mails: [ID: String]) -> Set<String> {
        let organizer = event.values.id("organizer_id").flatMap { mails[$0] }
        return addresses.union(organizer.map { [$0] } ?? [])
    }
}

extension Store.Calendar.Person {
    fileprivate init(_ row: Row) throws {
        email = try row.get("email")
        user = try row.get("id")
        let name: String? = try row.get("time_zone")
        zone = try name.map { try Zone($0) }
    }
}
