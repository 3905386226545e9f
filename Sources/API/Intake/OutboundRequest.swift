import Core
import Store
import Workspace

/// A message as the short paths of integrations take it: whom to, and a text or a template.
struct OutboundRequest: Sendable {
    let writing: SendRequest
    /// The canonical text of what was sent, for repeats.
    let canonical: String

    /// The names that a text goes by.
    private static let texts = ["body", "message", "text"]
    private static let others = [
        "subject", "format", "variables", "media", "content", "files", "connection_id", "contact_id",
        "task_id", "in_reply_to", "send_at",
    ]

    /// Throws `invalid` for what is of another shape; 422 for a template that is not there.
    init(_ json: JSON, on channel: Channel, through store: Store) async throws {
        guard let members = json.members else { throw Failure(.invalid, "The body must be a JSON object.") }
        let known = ["to", "template"] + Self.texts + Self.others
        if let stranger = members.first(where: { !known.contains($0.name) })?.name.prefix(60) {
            throw Failure(.invalid, "There is no field \"\(stranger)\" here.", at: "/\(stranger)")
        }
        var fields = members.filter { Self.others.contains($0.name) }
        fields.append(.init("channel", JSON(channel)))
        if let to = json["to"], to != .null { fields.append(.init("to", to.array == nil ? [to] : to)) }
        if let text = try Self.text(json) { fields.append(.init("body", text)) }
        if let template = try await Self.template(json["template"] ?? .null, store) {
            fields.append(.init("template_id", JSON(template)))
        }
        writing = try SendRequest(.object(fields))
        canonical = json.canonical.text
    }

    private static func text(_ json: JSON) throws -> JSON? {
        let given = texts.filter { json[$0].map { $0 != .null } ?? false }
        guard given.count <= 1 else {
            // No schema says that they exclude each other, so the request can be read and yet is wrong.
            throw Problem.senseless(
                Failure(
                    .invalid, "\(given.joined(separator: " and ")) are the same; send one.",
                    at: "/\(given[1])"))
        }
        guard let name = given.first, let text = json[name] else { return nil }
        guard text.string != nil else { throw Failure(.invalid, "\(name) must be a text.", at: "/\(name)") }
        return text
    }

    /// The template by its id or its name.
    private static func template(_ json: JSON, _ store: Store) async throws -> ID? {
        guard json != .null else { return nil }
        guard let text = json.string else {
            throw Failure(.invalid, "template must be the name or the id of a template.", at: "/template")
        }
        if let id = ID(text) { return id }
        let found = try await store.messages.template(named: text)
        return try judging {
            guard let found else {
                throw Failure(.invalid, "There is no template \"\(text.prefix(100))\".", at: "/template")
            }
            return found
        }
    }

    /// The schema of a request to one channel.
    static func schema(_ channel: Channel) -> JSON {
        let some = [
            "subject", "format", "media", "content", "files", "connection_id", "contact_id", "task_id",
        ]
        var members = (some + ["in_reply_to"]).compactMap { Noun.message.field($0) }.map {
            JSON.Member($0.name, $0.schema)
        }
        let whole = SendRequest.schema["properties"]
        for name in ["variables", "send_at"] { members.append(.init(name, whole?[name] ?? Schema.any)) }
        let address = Schema.text(1...320)
        let to: JSON = ["anyOf": [address, Schema.list(address, most: 50), ["type": "null"]]]
        members.append(.init("to", to))
        for name in texts { members.append(.init(name, Schema.optional(Schema.text(0...100_000)))) }
        members.append(.init("template", Schema.optional(Schema.text(1...100))))
        let schema = Schema.object(.object(members))
        return .object((schema.members ?? []) + [.init("examples", [example(channel)])])
    }

    private static func example(_ channel: Channel) -> JSON {
        let to =
            switch channel {
            case .email: "ada@example.org"
            case .whatsapp, .sms: "+4930123456"
            case .telegram: "@ada_l"
            case .slack: "C024BE91L"
            case .discord, .teams, .inApp: "155117677105512449"
            }
        let subject: [JSON.Member] = channel == .email ? [.init("subject", "Your order")] : []
        return .object([.init("to", .string(to)), .init("message", "It is on its way.")] + subject)
    }
}
