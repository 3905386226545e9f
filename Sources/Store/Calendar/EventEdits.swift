import Calendar
import Core
import SQL
import Workspace

extension Store.Calendar {
    /// Which part of an event is meant.
    package struct Part: Sendable {
        package let event: ID
        package let reach: Reach
        /// The start that the instance would have if it were like the others.
        package let instance: Moment?
        package let version: Int?

        package init(_ event: ID, _ reach: Reach = .all, instance: Moment? = nil, version: Int? = nil) {
            (self.event, self.reach) = (event, reach)
            (self.instance, self.version) = (instance, version)
        }
    }

    /// Changes an event, one of its instances, or one and those behind it; the event that holds what was
    /// changed, which is a new one where the series was cut.
    package func change(_ part: Part, _ given: Values) async throws -> Item {
        try await store.transaction { store in
            let calendar = store.calendar
            let event = try await calendar.hold(part.event)
            let series = try event.series
            switch try part.resolved(in: series) {
            case .all: return try await calendar.rows.update(event.id, given, version: part.version)
            case .this(let id):
                let override = try Override(id: id, given)
                return try await calendar.write(series.overriding(override), to: part)
            case .following(let id):
                let (head, tail) = try series.split(at: id)
                try await calendar.write(head, to: part)
                return try await calendar.rows.create(try event.values(of: tail, given))
            }
        }
    }

    /// Deletes an event, one of its instances, or one and those behind it.
    package func delete(_ part: Part) async throws {
        try await store.transaction { store in
            let calendar = store.calendar
            let series = try await calendar.hold(part.event).series
            let rest: Series? =
                switch try part.resolved(in: series) {
                case .all: nil
                case .this(let id): try series.leavingOut(id)
                case .following(let id): try series.head(before: id)
                }
            guard let rest, rest.next(after: Moment(microseconds: -1)) != nil else {
                return try await calendar.rows.delete(part.event, version: part.version)
            }
            try await calendar.write(rest, to: part)
        }
    }

    /// Notes what somebody who is invited says, to all of an event or to one instance.
    package func reply(_ part: Part, _ reply: String, by email: String) async throws -> Item {
        try await store.transaction { store in
            let calendar = store.calendar
            let event = try await calendar.hold(part.event)
            let series = try event.series
            guard case .this(let id) = try part.resolved(in: series) else {
                let people = try event["attendees"].replying(reply, by: email)
                return try await calendar.rows.update(event.id, Values(["attendees": people]))
            }
            guard let instance = series.instance(id) else { return event }
            let people = try Occurrence(event: event, instance: instance)["attendees"].replying(
                reply, by: email)
            let override = Override(id: id, fields: [.init("attendees", people)])
            return try await calendar.write(series.overriding(override), to: part)
        }
    }

    /// The event, which nobody else changes until the transaction ends: an edit builds on what it read.
    private func hold(_ id: ID) async throws -> Item {
        try await access.execute(
            "update calendar_events set version = version where workspace_id = $1 and id = $2",
            [Value(try scope.workspace), Value(id)])
        return try await rows.require(id)
    }

    @discardableResult
    private func write(_ series: Series, to part: Part) async throws -> Item {
        let fields = series.fields.filter { ["rrule", "exdates", "rdates", "overrides"].contains($0.key) }
        return try await rows.update(part.event, Values(fields), version: part.version)
    }
}

extension Store.Calendar.Part {
    /// What an edit comes down to.
    fileprivate enum Resolved {
        case all
        case this(Moment)
        case following(Moment)
    }

    fileprivate func resolved(in series: Series) throws -> Resolved {
        guard reach != .all else { return .all }
        guard let instance else {
            throw Failure(.invalid, "Name the instance by recurrence_id, its original start.")
        }
        guard series.has(instance) else {
            throw Failure(.missing, "The event has no instance of \(instance.text).")
        }
        if !series.isRepeated || reach == .following && series.begins(with: instance) { return .all }
        return reach == .this ? .this(instance) : .following(instance)
    }
}

extension Override {
    /// What a caller wants to be different about an instance.
    fileprivate init(id: Moment, _ given: Values) throws {
        let allowed = Set(ICalendar.varying + ["starts_at", "ends_at"])
        for name in given.names.sorted() where !allowed.contains(name) {
            throw Failure(
                .invalid, "\(name) belongs to the series; change it with scope=all or scope=following.",
                at: "/\(name)")
        }
        var fields: [JSON.Member] = []
        for name in ICalendar.varying {
            guard let value = given[name], let field = Noun.calendarEvent.field(name) else { continue }
            let checked = try name == "attendees" ? Attendees.read(value) : field.check(value)
            fields.append(.init(name, checked))
        }
        func time(_ name: String) throws -> Moment? {
            try given[name].map { try Moment($0, at: "/\(name)") }
        }
        self.init(id: id, start: try time("starts_at"), end: try time("ends_at"), fields: fields)
    }
}

extension Item {
    /// The values of a new event that goes on where this one was cut, with what the caller changes.
    fileprivate func values(of tail: Series, _ given: Values) throws -> Values {
        let kept = Noun.calendarEvent.taken.map { ($0.name, self[$0.name]) }
        var values = Values(Dictionary(uniqueKeysWithValues: kept)).changed(by: Values(tail.fields))
        values = values.changed(by: given)
        if given.has("starts_at"), !given.has("ends_at") {
            let start = try Moment(given["starts_at"] ?? .null, at: "/starts_at")
            values["ends_at"] = JSON(start + (tail.end - tail.start))
        }
        return values.changed(by: Values(try Series(fields: values.all).following(tail).fields))
    }
}

extension JSON {
    /// A list of attendees in which one has another reply.
    fileprivate func replying(_ reply: String, by email: String) throws -> JSON {
        let people = array ?? []
        guard let index = people.firstIndex(where: { $0["email"]?.string == email.lowercased() }) else {
            throw Failure(.invalid, "\(email) is not invited to the event.", at: "/email")
        }
        var changed = people
        changed[index] = .object(
            (people[index].members ?? []).map { $0.name == "reply" ? .init("reply", .string(reply)) : $0 })
        return .array(changed)
    }
}
