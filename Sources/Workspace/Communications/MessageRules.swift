import Core

/// What holds for a message beyond its single fields.
enum MessageRules {
    /// Characters of an address.
    static let address = 1...320

    static func channel(of values: Values) throws(Failure) -> Channel {
        guard let channel = values.text("channel").flatMap({ Channel(rawValue: $0) }) else {
            throw Failure(.invalid, "channel is missing.", at: "/channel")
        }
        return channel
    }

    /// The text is in a form and of a length that the channel takes.
    static func text(_ values: Values) throws(Failure) {
        let channel = try channel(of: values)
        let format = values.text("format") ?? Channel.Format.text.rawValue
        guard channel.formats.contains(where: { $0.rawValue == format }) else {
            let known = channel.formats.map(\.rawValue).joined(separator: " or ")
            throw Failure(
                .invalid, "format is \(format); on the channel \(channel.title) it must be \(known).",
                at: "/format")
        }
        let count = values.text("body")?.unicodeScalars.count ?? 0
        guard count <= channel.bodyLimit else {
            throw Failure(
                .invalid,
                "body has \(count) characters; the channel \(channel.title) takes \(channel.bodyLimit).",
                at: "/body")
        }
    }

    /// Nothing that becomes a header has more than one line: what follows a line break would be another one.
    static func oneLine(_ values: Values) throws(Failure) {
        for name in ["subject", "from_address", "external_id"] {
            try oneLine(values.text(name) ?? "", name, at: "/\(name)")
        }
        for (index, address) in values.texts("to").enumerated() {
            try oneLine(address, "to", at: "/to/\(index)")
        }
    }

    private static func oneLine(_ text: String, _ name: String, at pointer: String) throws(Failure) {
        let breaks: Set<UInt32> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]
        guard text.unicodeScalars.contains(where: { breaks.contains($0.value) }) else { return }
        throw Failure(.invalid, "\(name) must be one line, without tabs and line breaks.", at: pointer)
    }

    /// What goes out goes to addresses that the channel can reach.
    static func recipients(_ values: Values) throws(Failure) {
        let (channel, to) = (try channel(of: values), values.texts("to"))
        guard values.text("direction") == "out" else { return }
        guard to.count <= channel.recipientsLimit else {
            throw Failure(
                .invalid,
                "to has \(to.count) addresses; a message of the channel \(channel.title) goes to "
                    + "\(channel.recipientsLimit) at most.", at: "/to")
        }
        for (index, address) in to.enumerated() where !channel.reaches(address) {
            throw Failure(.invalid, "to must hold \(channel.wanted).", at: "/to/\(index)")
        }
        guard channel == .email, let sender = values.text("from_address"), !Field.isEmail(sender) else {
            return
        }
        throw Failure(.invalid, "from_address must be an e-mail address.", at: "/from_address")
    }
}

extension Values {
    /// Throws `Failure(.invalid)` for what a message lacks that is to be sent.
    package func requireSendable() throws(Failure) {
        let channel = try MessageRules.channel(of: self)
        guard !texts("to").isEmpty else {
            throw Failure(.invalid, "to is missing: say whom the message goes to.", at: "/to")
        }
        guard let body = text("body"), !body.allSatisfy(\.isWhitespace) else {
            throw Failure(.invalid, "body is missing: a message needs a text.", at: "/body")
        }
        guard channel != .email || text("subject")?.allSatisfy(\.isWhitespace) == false else {
            throw Failure(.invalid, "subject is missing: an e-mail needs one.", at: "/subject")
        }
    }
}
