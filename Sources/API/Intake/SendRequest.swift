import Core
import Store
import Work
import Workspace

/// A message that a caller wants sent, and when.
struct SendRequest: Sendable {
    let writing: Store.Messages.Writing
    let time: Moment?

    private static let template = Field("template_id", .row("message_templates")).optional()
    private static let time = Field("send_at", .time).optional()
        .about("When it is to be sent, at most 366 days ahead; at once unless told.")
    /// The fields of a message that its sender may say.
    private static let names = [
        "channel", "to", "contact_id", "subject", "body", "format", "from_address", "in_reply_to", "task_id",
        "connection_id", "content", "media", "files",
    ]

    /// Reads a request. Throws `Failure(.invalid)` for what is of another shape, and 422 for what breaks a
    /// rule.
    init(_ json: JSON, now: Moment = .now) throws {
        guard let members = json.members else { throw Failure(.invalid, "The body must be a JSON object.") }
        let own = [Self.template.name, Self.time.name, "variables"]
        for member in members where !(own + Self.names).contains(member.name) {
            let name = member.name.prefix(60)
            throw Failure(.invalid, "A message to send has no field \"\(name)\".", at: "/\(name)")
        }
        let rest = members.filter { !own.contains($0.name) }
        var writing = Store.Messages.Writing(try Noun.message.read(.object(rest)))
        writing.variables = try MessageTemplate.variables(json["variables"])
        let template = try json[Self.template.name].map { try Self.template.read($0) } ?? .null
        writing.template = try judging { try Self.template.check(template) }.string.flatMap { ID($0) }
        self.writing = writing
        time = try Self.time(json, now)
    }

    /// The time at which something is to be sent; nil where it says none.
    static func time(_ json: JSON, _ now: Moment = .now) throws -> Moment? {
        guard let given = try json[time.name].map({ try time.read($0) }), given != .null else { return nil }
        return try judging {
            guard let moment = try time.check(given).string.flatMap({ Moment($0) }) else { return nil }
            guard moment > now else {
                throw Failure(.invalid, "send_at is in the past: it is \(now.text) now.", at: time.pointer)
            }
            guard moment <= now + .seconds(JobRequest.Limits.delay_s.upperBound) else {
                throw Failure(.invalid, "send_at is more than 366 days ahead.", at: time.pointer)
            }
            return moment
        }
    }

    static var schema: JSON {
        let fields = names.compactMap { Noun.message.field($0) } + [template, time]
        let variable: JSON = ["type": ["string", "number", "boolean"]]
        let variables: JSON = [
            "type": ["object", "null"], "additionalProperties": variable,
            "description": "The values of the template's variables.",
        ]
        let schema = Schema.object(
            .object(fields.map { .init($0.name, $0.schema) } + [.init("variables", variables)]))
        return .object((schema.members ?? []) + [.init("examples", [example])])
    }

    private static let example: JSON = [
        "channel": "email", "to": ["ada@example.org"], "subject": "Your order", "body": "It is on its way.",
    ]

    static var laterSchema: JSON {
        Schema.object(.object([.init(time.name, time.schema)]))
    }
}
