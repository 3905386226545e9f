import Core

/// The subject and the text of messages yet to be written.
package struct MessageTemplate: Sendable {
    package let channel: Channel
    package let format: Channel.Format
    private let subject: Template?
    private let body: Template

    /// What the fields of a template say. Throws `Failure(.invalid)` for placeholders that cannot be filled.
    package init(_ values: Values) throws(Failure) {
        channel = try MessageRules.channel(of: values)
        format = values.text("format").flatMap { Channel.Format(rawValue: $0) } ?? .text
        if let text = values.text("subject") {
            subject = try Template(text, in: .line, at: "/subject")
        } else {
            subject = nil
        }
        body = try Template(values.text("body") ?? "", in: .init(format, on: channel), at: "/body")
    }

    /// The names of all variables, those of the subject first.
    package var variables: [String] {
        let ahead = subject?.variables ?? []
        return ahead + body.variables.filter { !ahead.contains($0) }
    }

    /// The fields of a message. Throws `Failure(.invalid)` at the variable that is missing, unknown or cannot
    /// stand at its place.
    package func filled(with variables: [String: String]) throws(Failure) -> Values {
        if let stranger = variables.keys.filter({ !self.variables.contains($0) }).min() {
            throw Failure(
                .invalid, "The template has no variable \(stranger.prefix(64)).",
                at: "/variables/\(stranger.pointed)")
        }
        return Values([
            "channel": .string(channel.rawValue), "format": .string(format.rawValue),
            "subject": JSON(try subject?.filled(with: variables)),
            "body": .string(try body.filled(with: variables)),
        ])
    }

    /// The variables in a request: texts, numbers and flags. Throws `Failure(.invalid)` for anything else.
    package static func variables(_ json: JSON?) throws(Failure) -> [String: String] {
        guard let json, json != .null else { return [:] }
        guard let members = json.members else {
            throw Failure(.invalid, "variables must be an object.", at: "/variables")
        }
        var values: [String: String] = [:]
        for member in members {
            switch member.value {
            case .string(let text): values[member.name] = text
            case .integer, .double, .bool: values[member.name] = member.value.text
            case .null, .array, .object:
                throw Failure(
                    .invalid, "The variable \(member.name.prefix(64)) must be a text, a number or a flag.",
                    at: "/variables/\(member.name.pointed)")
            }
        }
        return values
    }
}

extension String {
    /// The text as a part of a JSON pointer.
    fileprivate var pointed: String {
        String(prefix(64)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
