import Core

/// Who is told next, and by which channel, when nobody has answered for a while.
package struct EscalationStep: Sendable, Hashable {
    /// How long the one before may go unanswered.
    package let wait: Duration
    /// The user who is told; nil for the same person.
    package let user: ID?
    /// The contact who is told; nil for the same person.
    package let contact: ID?
    /// The channel; nil for the one the person prefers.
    package let channel: Channel?

    package static let most = 10
    /// Minutes that a step may wait.
    package static let minutes = 0.01...525_600.0

    package static let schema: JSON = [
        "type": "array", "maxItems": .integer(Int64(most)),
        "items": [
            "type": "object", "required": ["after_minutes"], "additionalProperties": false,
            "properties": [
                "after_minutes": [
                    "type": "number", "minimum": .double(minutes.lowerBound),
                    "maximum": .double(minutes.upperBound),
                ],
                "user_id": ["type": ["string", "null"], "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"],
                "contact_id": ["type": ["string", "null"], "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"],
                "channel": [
                    "type": ["string", "null"],
                    "enum": .array(Channel.allCases.map { .string($0.rawValue) } + [.null]),
                ],
            ],
        ],
    ]

    /// The steps that a field holds. Throws `Failure(.invalid)` at the member that is wrong.
    package static func list(_ json: JSON?, at pointer: String) throws(Failure) -> [EscalationStep] {
        guard let json, json != .null else { return [] }
        guard let items = json.array, items.count <= most else {
            throw Failure(.invalid, "This must be a list of at most \(most) steps.", at: pointer)
        }
        var steps: [EscalationStep] = []
        for (index, item) in items.enumerated() { steps.append(try Self(item, at: "\(pointer)/\(index)")) }
        return steps
    }

    private static let names: Set = ["after_minutes", "user_id", "contact_id", "channel"]

    private init(_ json: JSON, at pointer: String) throws(Failure) {
        guard let members = json.members, Set(members.map(\.name)).count == members.count,
            members.allSatisfy({ Self.names.contains($0.name) })
        else {
            throw Failure(
                .invalid,
                "A step is an object with after_minutes, and perhaps user_id, contact_id or channel.",
                at: pointer)
        }
        guard let minutes = json["after_minutes"]?.double, Self.minutes.contains(minutes) else {
            throw Failure(
                .invalid, "after_minutes must be a number from 0.01 to 525600.",
                at: "\(pointer)/after_minutes")
        }
        wait = .milliseconds(Int64(minutes * 60_000))
        user = try Self.id(json["user_id"], at: "\(pointer)/user_id")
        contact = try Self.id(json["contact_id"], at: "\(pointer)/contact_id")
        channel = try Self.channel(json["channel"], at: "\(pointer)/channel")
        guard user == nil || contact == nil else {
            throw Failure(.invalid, "A step goes to a user or to a contact, not both.", at: pointer)
        }
    }

    private static func id(_ json: JSON?, at pointer: String) throws(Failure) -> ID? {
        guard let json, json != .null else { return nil }
        guard let id = json.string.flatMap({ ID($0) }) else {
            throw Failure(.invalid, "This is no id.", at: pointer)
        }
        return id
    }

    private static func channel(_ json: JSON?, at pointer: String) throws(Failure) -> Channel? {
        guard let json, json != .null else { return nil }
        guard let channel = json.string.flatMap({ Channel(rawValue: $0) }) else {
            let words = Channel.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.invalid, "channel must be one of \(words).", at: pointer)
        }
        return channel
    }
}
