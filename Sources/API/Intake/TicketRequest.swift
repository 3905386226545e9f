import Core
import Workspace

/// What a caller wants of a ticket at Zendesk.
struct TicketRequest: Sendable {
    enum Status: String, Sendable, CaseIterable { case new, open, pending, hold, solved }

    /// The states a ticket may be seen in.
    enum Seen: String, Sendable, CaseIterable { case new, open, pending, hold, solved, closed, deleted }

    enum Priority: String, Sendable, CaseIterable { case low, normal, high, urgent }

    /// What is asked for.
    enum Kind: Sendable {
        case draft, change, comment

        var fields: [String] {
            switch self {
            case .draft:
                ["connection_id", "subject", "body", "public", "status", "priority", "tags", "requester"]
            case .change: ["connection_id", "subject", "status", "priority", "tags"]
            case .comment: ["connection_id", "body", "public"]
            }
        }
    }

    /// What was asked, without nulls.
    let json: JSON
    let connection: ID?

    private static let subject = 1...150
    private static let body = 1...65_000
    private static let tag = 1...200
    private static let mostTags = 100

    /// Throws 400 for what is of another shape, 422 for what breaks a rule.
    init(_ json: JSON, _ kind: Kind) throws {
        guard let members = json.members else { throw Failure(.invalid, "The body must be a JSON object.") }
        for member in members where !kind.fields.contains(member.name) {
            let name = member.name.prefix(60)
            throw Failure(.invalid, "There is no field \"\(name)\" here.", at: "/\(name)")
        }
        let wish = try json.decode(Wish.self)
        self.json = .object(members.filter { $0.value != .null })
        connection = wish.connection_id
        try judging { try Self.check(wish, kind) }
    }

    private struct Wish: Decodable {
        let connection_id: ID?
        let subject: String?
        let body: String?
        let `public`: Bool?
        let status: String?
        let priority: String?
        let tags: [String]?
        let requester: Person?

        struct Person: Decodable {
            let name: String
            let email: String
        }
    }

    private static func check(_ wish: Wish, _ kind: Kind) throws {
        if kind == .draft || wish.subject != nil {
            try Rule.text(wish.subject ?? "", subject, at: "/subject")
        }
        if kind != .change { try Rule.text(wish.body ?? "", body, at: "/body") }
        if let status = wish.status { _ = try Rule.choice(status, at: "/status") as Status }
        if let priority = wish.priority { _ = try Rule.choice(priority, at: "/priority") as Priority }
        guard (wish.tags ?? []).count <= mostTags else {
            throw Failure(.invalid, "A ticket may have \(mostTags) tags here.", at: "/tags")
        }
        for (index, tag) in (wish.tags ?? []).enumerated() {
            try Rule.text(tag, Self.tag, at: "/tags/\(index)")
        }
        guard let person = wish.requester else { return }
        try Rule.text(person.name, 1...200, at: "/requester/name")
        guard Field.isEmail(person.email) else {
            throw Failure(.invalid, "email is no e-mail address.", at: "/requester/email")
        }
    }

    /// The ticket as Zendesk takes it.
    var ticket: JSON {
        .object((changes.members ?? []) + [.init("comment", words)] + members("requester"))
    }

    var changes: JSON { .object(members("subject", "status", "priority", "tags")) }

    var words: JSON { ["body": json["body"] ?? .null, "public": json["public"] ?? false] }

    private func members(_ names: String...) -> [JSON.Member] {
        (json.members ?? []).filter { names.contains($0.name) }
    }
}

extension TicketRequest {
    private static let fields: [JSON.Member] = [
        .init("connection_id", Schema.id), .init("subject", Schema.text(subject)),
        .init("body", Schema.text(body)), .init("public", Schema.bool),
        .init("status", Schema.choice(Status.self)), .init("priority", Schema.choice(Priority.self)),
        .init("tags", Schema.list(Schema.text(tag), most: mostTags)),
        .init(
            "requester",
            Schema.object(
                ["name": Schema.text(1...200), "email": ["type": "string", "format": "email"]],
                required: ["name", "email"])),
    ]

    static let draft = schema(.draft, required: ["subject", "body"])
    static let change = schema(.change)
    static let comment = schema(.comment, required: ["body"])

    private static func schema(_ kind: Kind, required: [String] = []) -> JSON {
        Schema.request(
            .object(fields.filter { kind.fields.contains($0.name) }), required: required)
    }
}
