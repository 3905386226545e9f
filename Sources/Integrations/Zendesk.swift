import Core
import Curl

extension Provider {
    /// Zendesk Support.
    package static let zendesk = Provider(
        "zendesk", "Zendesk", base: "https://{subdomain}.zendesk.com",
        entrance: Entrance(
            .basic(user: "email", suffix: "/token", password: "api_token"),
            fields: [
                Field("subdomain", "What stands before .zendesk.com."),
                Field("email", "The agent in whose name Atom works.", isRequired: false),
                Field("api_token", "An API token of the account.", isSecret: true, isRequired: false),
                Field("access_token", "An OAuth token, instead.", isSecret: true, isRequired: false),
                Field("project_id", "The project whose tasks are its tickets.", isRequired: false),
                Field("direction", "Which way changes go: both, in or out.", isRequired: false),
                Field("comments", "How comments arrive there: internal or public.", isRequired: false),
                Field("webhook_secret", "Signs what Zendesk sends here.", isSecret: true, isRequired: false),
            ]),
        rules: Rules(doubt: .ask, passing: ["DatabaseConflict"], pause: .seconds(10)),
        abilities: [.sync, .receive], check: Check("/api/v2/users/me", reading: Zendesk.reading))
}

/// Asks and tells Zendesk Support about tickets.
package struct Zendesk: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    /// Comments or audits of one ticket that are read at most.
    static let mostPages = 20

    /// Tells an error of Zendesk's, which has one of three shapes.
    static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        let code = error?.string ?? error?["title"]?.string
        let details = answer.json["details"].map { " \($0.text)" } ?? ""
        let words =
            answer.json["description"]?.string ?? answer.json["message"]?.string
            ?? error?["message"]?.string ?? code ?? "no reason given"
        return answer.refusal(words + details, code: code)
    }
}

extension Zendesk {
    /// A ticket with everybody who speaks on it. Throws `missing` where there is none any more.
    package func ticket(_ id: Int) async throws -> Thread {
        let answer = try await ask("/api/v2/tickets/\(id)?include=users")
        guard let ticket = answer.json["ticket"], let read = Ticket(ticket) else { throw Self.unreadable }
        let at = answer.head["date"].flatMap { HTTPDate.moment($0) } ?? Moment.now + .seconds(-60)
        var thread = Thread(ticket: read, seenAt: at, people: Self.people(answer.json))
        try await everyPage("/api/v2/tickets/\(id)/comments?sort=created_at&include=users") { page in
            thread.comments += (page["comments"]?.array ?? []).compactMap { Comment($0) }
            thread.people.merge(Self.people(page)) { $1 }
        }
        thread.comments.sort { $0.id < $1.id }
        return thread
    }

    /// The comments that bear marks of ours: the mark and the comment's id. The newest come first, since only
    /// what was just said is in doubt.
    package func marks(on id: Int) async throws -> [String: Int] {
        var marks: [String: Int] = [:]
        try await everyPage("/api/v2/tickets/\(id)/audits?sort=-created_at") { page in
            for audit in page["audits"]?.array ?? [] {
                guard let mark = audit["metadata"]?["custom"]?[Self.mark]?.string else { continue }
                marks[mark] = Self.addition(audit)
            }
        }
        return marks
    }

    /// The ticket that bears an external id; nil where none does. It finds what was made a moment ago, which
    /// Zendesk's search does not.
    package func ticket(calledOutside id: String) async throws -> Ticket? {
        let answer = try await ask("/api/v2/tickets?external_id=\(id)")
        return (answer.json["tickets"]?.array ?? []).compactMap { Ticket($0) }.first { $0.externalID == id }
    }

    /// Makes a ticket. The key makes a repeat within two hours harmless, if all of it is the same.
    package func create(_ ticket: JSON, key: String) async -> Line.Telling {
        await tell("POST", "/api/v2/tickets", ticket, [.init("Idempotency-Key", key)])
    }

    /// Changes a ticket if it is still as it was at `stamp`, its own `updated_at`; else `conflict`.
    ///
    /// - Parameter mark: found again by `marks`, if this adds a comment.
    package func update(
        _ id: Int, _ changes: [JSON.Member], at stamp: String, mark: String? = nil
    ) async -> Line.Telling {
        var members = changes + [.init("safe_update", true), .init("updated_stamp", .string(stamp))]
        if let mark { members.append(.init("metadata", .object([.init(Self.mark, .string(mark))]))) }
        return await tell("PUT", "/api/v2/tickets/\(id)", .object(members))
    }

    /// What was changed since a time, or since the export that ended with `cursor`.
    package func export(since start: Moment, cursor: String?) async throws -> Export {
        let from = cursor.map { "cursor=\($0)" } ?? "start_time=\(start.milliseconds / 1_000)"
        let answer = try await ask(
            "/api/v2/incremental/tickets/cursor?\(from)&per_page=\(Export.page)&include=users")
        let people = Self.people(answer.json)
        let tickets = (answer.json["tickets"]?.array ?? []).compactMap { Ticket($0) }
        return Export(
            tickets: tickets.map { $0.asked(by: people) },
            cursor: answer.json["after_cursor"]?.string ?? cursor,
            isEnd: answer.json["end_of_stream"]?.bool ?? true)
    }

    /// The comment that an answer to a change says was added.
    package static func comment(in answer: JSON) -> Int? { answer["audit"].flatMap { addition($0) } }

    /// The ticket in an answer to a change.
    package static func ticket(in answer: JSON) -> Ticket? { answer["ticket"].flatMap { Ticket($0) } }

    private static let mark = "atom_mark"

    private static func addition(_ audit: JSON) -> Int? {
        audit["events"]?.array?.first { $0["type"] == "Comment" }?["id"]?.whole
    }

    private static let unreadable = Failure(.unavailable, "Zendesk answered what is no ticket.")

    private static func people(_ json: JSON) -> [Int: Person] {
        var people: [Int: Person] = [:]
        for user in json["users"]?.array ?? [] {
            guard let id = user["id"]?.whole else { continue }
            people[id] = Person(name: user["name"]?.string ?? "", email: user["email"]?.string)
        }
        return people
    }
}

extension Zendesk {
    private func ask(_ path: String) async throws -> Line.Answer {
        var request = Curl.Request("GET", path)
        request.maxBytes = 64 << 20
        request.timeouts.total = .seconds(60)
        return try await line.ask(request, reading: Self.reading)
    }

    private func tell(
        _ method: String, _ path: String, _ ticket: JSON, _ headers: [Curl.Header] = []
    ) async -> Line.Telling {
        let body: JSON = ["ticket": ticket]
        var request = Curl.Request(
            method, path, headers: headers + [.init("Content-Type", "application/json")],
            body: .bytes(body.bytes))
        // Whoever tells decides about a repeat.
        request.isRepeatable = false
        return await line.tell(request, reading: Self.reading)
    }

    private func everyPage(_ path: String, _ read: (JSON) -> Void) async throws {
        var after = ""
        for _ in 0..<Self.mostPages {
            let page = try await ask("\(path)&page%5Bsize%5D=100\(after)").json
            read(page)
            guard page["meta"]?["has_more"]?.bool == true, let cursor = page["meta"]?["after_cursor"]?.string
            else { return }
            after = "&page%5Bafter%5D=\(cursor)"
        }
    }
}
