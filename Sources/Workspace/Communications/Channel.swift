import Core

/// A way by which messages come and go, and what it can carry.
package enum Channel: String, Sendable, Hashable, CaseIterable {
    case email, whatsapp, telegram, sms, slack, discord, teams
    /// Within Atom itself: it goes to users of the workspace.
    case inApp = "in_app"

    /// What a text is written in.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case text, html
        /// What the channel itself takes for markup: MarkdownV2 of Telegram, mrkdwn of Slack, Discord's own.
        case markdown
    }

    package var formats: [Format] {
        switch self {
        case .email: [.text, .html]
        case .telegram, .slack, .discord: [.text, .markdown]
        case .whatsapp, .sms, .teams, .inApp: [.text]
        }
    }

    /// Characters that the text of one message may have. What is longer than the channel takes at once goes
    /// in parts.
    package var bodyLimit: Int {
        switch self {
        case .email: 100_000
        case .whatsapp, .sms: 1_600
        case .telegram, .slack: 40_000
        case .discord: 20_000
        case .teams: 28_000
        case .inApp: 10_000
        }
    }

    /// Addresses that one message may go to.
    package var recipientsLimit: Int {
        switch self {
        case .email, .inApp: 50
        case .whatsapp, .telegram, .sms, .slack, .discord, .teams: 1
        }
    }

    /// The name of the provider that carries its messages, nil where none does.
    package var provider: String? {
        switch self {
        case .whatsapp, .sms: "twilio"
        case .telegram, .slack, .discord, .teams: rawValue
        case .email, .inApp: nil
        }
    }

    /// Such as `in app`, for a message.
    package var title: String { rawValue.replacing("_", with: " ") }
}

extension Channel {
    /// True when messages can be sent to `address`.
    package func reaches(_ address: String) -> Bool {
        switch self {
        case .email: Field.isEmail(address)
        case .whatsapp, .sms: Self.isPhone(address)
        case .telegram: Self.isTelegram(address)
        case .slack, .discord: address.utf8.count <= 80 && Self.isOneWord(address)
        case .teams: address.utf8.count <= 320 && Self.isOneWord(address)
        case .inApp: ID(address) != nil
        }
    }

    /// What an address of this channel looks like.
    package var wanted: String {
        switch self {
        case .email: "an e-mail address"
        case .whatsapp, .sms: "a phone number such as +4930123456"
        case .telegram: "a chat's number or a name such as @ada_l"
        case .slack: "a channel or user of Slack, without spaces"
        case .discord: "the id of a channel of Discord, without spaces"
        case .teams: "a channel or user of Teams, without spaces"
        case .inApp: "the id of a user of the workspace"
        }
    }

    /// The address in the form in which equal ones are the same text.
    package func canonical(_ address: String) -> String {
        self == .slack || self == .inApp ? address : address.lowercased()
    }

    /// E.164: a plus and 7 to 15 digits.
    package static func isPhone(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.hasPrefix("+") && (7...15).contains(digits.count)
            && digits.first != UInt8(ascii: "0") && digits.allSatisfy(isDigit)
    }

    /// The number of a chat, or the public name of one.
    package static func isTelegram(_ text: String) -> Bool {
        let rest = text.utf8.dropFirst()
        if text.hasPrefix("@") {
            return (5...32).contains(rest.count)
                && rest.allSatisfy { isDigit($0) || isLetter($0) || $0 == 95 }
        }
        let digits = text.hasPrefix("-") ? rest : text.utf8[...]
        return (1...20).contains(digits.count) && digits.allSatisfy(isDigit)
    }

    private static func isOneWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) }
}
