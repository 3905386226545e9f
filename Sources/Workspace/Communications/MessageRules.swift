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
        // What comes in is as long as it is.
        guard count <= channel.bodyLimit || values.text("direction") == "in" else {
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

extension MessageRules {
    /// What goes along fits the channel.
    static func extras(_ values: Values) throws(Failure) {
        guard values.text("direction") == "out" else { return }
        let channel = try channel(of: values)
        try own("content", values["content"] != nil && values["content"] != .null, [.whatsapp], channel)
        try own("media", !values.texts("media").isEmpty, [.whatsapp, .sms], channel)
        try own("files", !values.texts("files").isEmpty, [.email], channel)
        for (index, url) in values.texts("media").enumerated()
        where !["http://", "https://"].contains(where: url.lowercased().hasPrefix) || !url.isOneWord {
            throw Failure(.invalid, "media must hold http or https addresses.", at: "/media/\(index)")
        }
        for (index, id) in values.texts("files").enumerated() where ID(id) == nil {
            throw Failure(.invalid, "files must hold ids of uploads or attachments.", at: "/files/\(index)")
        }
        guard let content = values.content else { return }
        guard let sid = content["sid"]?.string, (1...64).contains(sid.utf8.count), sid.isOneWord,
            content["variables"].map({ $0.members != nil }) ?? true
        else {
            throw Failure(
                .invalid, "content must be an object with the template's sid, and variables by name.",
                at: "/content")
        }
    }

    private static func own(
        _ name: String, _ isGiven: Bool, _ channels: [Channel], _ channel: Channel
    ) throws(Failure) {
        guard isGiven, !channels.contains(channel) else { return }
        let known = channels.map(\.title).joined(separator: " and ")
        throw Failure(.invalid, "\(name) goes with messages of \(known) only.", at: "/\(name)")
    }
}

extension String {
    fileprivate var isOneWord: Bool { utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } }
}

extension Values {
    /// The template of the provider that a message is made from.
    package var content: JSON? {
        guard let content = self["content"], content.members != nil else { return Optional.none }
        return content
    }

    /// Throws `Failure(.invalid)` for what a message lacks that is to be sent.
    package func requireSendable() throws(Failure) {
        let channel = try MessageRules.channel(of: self)
        guard !texts("to").isEmpty else {
            throw Failure(.invalid, "to is missing: say whom the message goes to.", at: "/to")
        }
        let isEmpty = text("body")?.allSatisfy(\.isWhitespace) != false
        guard !isEmpty || content != nil || !texts("media").isEmpty else {
            throw Failure(.invalid, "body is missing: a message needs a text.", at: "/body")
        }
        guard channel != .email || text("subject")?.allSatisfy(\.isWhitespace) == false else {
            throw Failure(.invalid, "subject is missing: an e-mail needs one.", at: "/subject")
        }
    }
}
