import Core
import Store
import Workspace

/// Puts what Google says of one calendar's events into rows.
///
/// An exception of a series is kept as a link of its own, without a row: the series' row holds all of them,
/// and they may come before it.
struct GoogleBook: Sendable {
    static let event = "event"
    static let exception = "exception"

    private let calendar: String
    private let times: RemoteTimes

    init(calendar: String, zone: String) throws {
        self.calendar = calendar
        times = try RemoteTimes(zone: zone)
    }

    func put(_ items: [JSON], _ desk: inout SyncDesk) async throws {
        for item in items where item["recurringEventId"] != nil { try await keep(item, &desk) }
        for item in items where item["recurringEventId"] == nil { try await put(item, &desk) }
        let series = Set(items.compactMap { $0["recurringEventId"]?.string })
        for id in series.sorted() { try await Self.amend("\(calendar)/\(id)/", &desk) }
    }

    /// An event by itself, or a series as a whole.
    private func put(_ item: JSON, _ desk: inout SyncDesk) async throws {
        guard let id = item["id"]?.string else { return }
        let own = "\(calendar)/\(id)"
        if item["status"]?.string == "cancelled" {
            for link in try await desk.store.externalLinks.list(
                desk.connection.id, Self.exception, under: "\(own)/")
            {
                try await desk.store.externalLinks.delete(link)
            }
            return try await desk.remove(Self.event, own)
        }
        try await desk.row(Self.event, own) { desk in
            var values = Values(
                try times.fields(
                    start: item["start"] ?? .null, end: item["end"] ?? .null,
                    lines: (item["recurrence"]?.array ?? []).compactMap(\.string)))
            for (name, value) in Self.words(of: item) { values[name] = value }
            values["overrides"] = .array(try await Self.overrides(of: own, desk))
            let adopted = try await adopt(item, own, &values, desk)
            try await desk.place(thing(item, own), on: .calendarEvents, values, .init(adopting: adopted))
        }
    }

    /// The event here with the same uid, which a file may have brought, if no other is linked to it.
    private func adopt(
        _ item: JSON, _ own: String, _ values: inout Values, _ desk: SyncDesk
    ) async throws -> ID? {
        guard try await desk.link(Self.event, own) == nil,
            let uid = item["iCalUID"]?.string?.oneLine(255), let field = Noun.calendarEvent.field("uid")
        else { return nil }
        var query = Rows.Query()
        query.equal = [(field, .string(uid))]
        query.limit = 1
        guard let known = try await desk.store.rows(.calendarEvents).list(query).first else {
            values["uid"] = .string(uid)
            return nil
        }
        let links = try await desk.store.externalLinks.list(.calendarEvent, known.id)
        return links.isEmpty ? known.id : nil
    }

    /// Keeps how one instance differs from its series.
    private func keep(_ item: JSON, _ desk: inout SyncDesk) async throws {
        guard let id = item["id"]?.string, let series = item["recurringEventId"]?.string,
            let original = item["originalStartTime"]
        else { return }
        let own = "\(calendar)/\(series)/\(id)"
        try await desk.row(Self.exception, own) { desk in
            var link =
                try await desk.link(Self.exception, own)
                ?? .init(
                    desk.connection.id, Self.exception, own, stream: desk.stream, noun: "", row: ID())
            link.base = try override(item, original)
            (link.remoteVersion, link.round) = (item["etag"]?.string ?? "", max(link.round, desk.round))
            try await desk.store.externalLinks.save(link)
        }
    }

    private func override(_ item: JSON, _ original: JSON) throws -> JSON {
        let place = JSON.Member("recurrence_id", .string(try times.moment(original).text))
        guard item["status"]?.string != "cancelled" else {
            return .object([place, .init("status", "cancelled")])
        }
        let span = try times.fields(start: item["start"] ?? .null, end: item["end"] ?? .null, lines: [])
        let hours = ["starts_at", "ends_at"].map { JSON.Member($0, span[$0] ?? .null) }
        let words = Self.words(of: item).sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) }
        return .object([place] + hours + words)
    }

    private func thing(_ item: JSON, _ own: String) -> SyncDesk.Thing {
        let updated = item["updated"]?.string.flatMap { Moment($0) }
        return SyncDesk.Thing(
            Self.event, own, version: item["etag"]?.string ?? "", at: updated ?? Moment(microseconds: 0))
    }
}

extension GoogleBook {
    /// Writes the exceptions of a series into its row. `place` begins with the series' own id, and a slash
    /// behind it.
    static func amend(_ place: String, _ desk: inout SyncDesk) async throws {
        let own = place.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        guard let link = try await desk.link(event, own) else { return }
        let overrides = JSON.array(try await overrides(of: own, desk))
        try await desk.amend(link, on: .calendarEvents, Values(["overrides": overrides]))
    }

    private static func overrides(of own: String, _ desk: SyncDesk) async throws -> [JSON] {
        try await desk.store.externalLinks.list(desk.connection.id, exception, under: "\(own)/")
            .map(\.base).sorted { $0["recurrence_id"]?.string ?? "" < $1["recurrence_id"]?.string ?? "" }
    }

    /// What an event says of itself, but for its times.
    static func words(of item: JSON) -> [String: JSON] {
        [
            "title": .string(item["summary"]?.string?.oneLine(300) ?? "Untitled"),
            "description": .string((item["description"]?.string ?? "").fitted(20_000)),
            "location": .string(item["location"]?.string?.oneLine(500) ?? ""),
            "status": item["status"]?.string == "tentative" ? "tentative" : "confirmed",
            "busy": .bool(item["transparency"]?.string != "transparent"),
            "attendees": .array(people(item["attendees"]?.array ?? [])),
        ]
    }

    private static let replies = [
        "accepted": "accepted", "declined": "declined", "tentative": "tentative",
    ]

    private static func people(_ people: [JSON]) -> [JSON] {
        var seen: Set<String> = []
        let known = people.filter { person in
            guard let email = person["email"]?.string, Field.isEmail(email) else { return false }
            return seen.insert(email.lowercased()).inserted
        }
        return known.prefix(Attendees.most).map { person in
            let email = person["email"]?.string?.lowercased() ?? ""
            var members: [JSON.Member] = [.init("email", .string(email))]
            if let name = person["displayName"]?.string?.oneLine(200) {
                members.append(.init("name", .string(name)))
            }
            let reply = replies[person["responseStatus"]?.string ?? ""] ?? "needs_action"
            members.append(.init("reply", .string(reply)))
            members.append(.init("optional", .bool(person["optional"]?.bool ?? false)))
            return .object(members)
        }
    }
}
