import Core

/// What a mail server reports of a mail that it could not deliver, or was slow to (RFC 3464).
package struct Bounce: Sendable, Hashable {
    /// What became of the mail for one recipient.
    package struct Recipient: Sendable, Hashable {
        package let address: String
        /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
        package let action: String
        /// Such as `5.1.1` (RFC 3463).
        package let status: String
        /// What the other server said.
        package let diagnosis: String?

        /// True when no other try will be made.
        package var isFinal: Bool { action == "failed" }
    }

    /// The Message-ID of the mail it speaks of, without the angle brackets; nil where the report has none.
    package let messageID: String?
    package let recipients: [Recipient]

    /// The most parts of a report that are looked at.
    private static let mostParts = 20

    /// Nil for a mail that is no report, such as an ordinary answer.
    package init?(_ mail: [UInt8]) {
        let whole = MailText(mail)
        let type = whole["content-type"] ?? ""
        guard type.lowercased().hasPrefix("multipart/report"),
            let boundary = MailText.parameter("boundary", type)
        else { return nil }
        var (recipients, id) = ([Recipient](), String?.none)
        for part in whole.parts(boundary).prefix(Self.mostParts) {
            let kind = (part["content-type"] ?? "text/plain").lowercased()
            if kind.hasPrefix("message/delivery-status") || kind.hasPrefix("message/global-delivery-status") {
                recipients += part.blocks.compactMap(Recipient.init)
            } else if kind.hasPrefix("message/rfc822") || kind.hasPrefix("text/rfc822-headers")
                || kind.hasPrefix("message/global")
            {
                id = id ?? MailText(part.content)["message-id"]
            }
        }
        guard !recipients.isEmpty else { return nil }
        self.recipients = recipients
        messageID = id.map { $0.filter { !"<> \t".contains($0) } }
    }

    /// True when somebody will never get the mail.
    package var isFinal: Bool { recipients.contains(where: \.isFinal) }

    /// One sentence for a person.
    package var sentence: String {
        let lost = recipients.filter { isFinal ? $0.isFinal : true }
        let words = lost.prefix(3).map {
            "\($0.address) (\($0.status)\($0.diagnosis.map { ", \($0)" } ?? ""))"
        }
        return "\(isFinal ? "Not delivered" : "Not delivered yet") to \(words.joined(separator: "; "))."
    }
}

extension Bounce.Recipient {
    /// A block of a delivery-status; nil for the first, which speaks of the server alone.
    fileprivate init?(_ block: MailText) {
        guard let who = block["final-recipient"] ?? block["original-recipient"], let action = block["action"]
        else { return nil }
        address = Self.value(who)
        self.action = action.lowercased().prefix { $0.isLetter }.description
        status = (block["status"] ?? "").prefix { $0.isNumber || $0 == "." }.description
        diagnosis = block["diagnostic-code"].map { String(Self.value($0).prefix(300)) }
    }

    /// What stands behind the type, such as `rfc822;` or `smtp;`.
    private static func value(_ text: String) -> String {
        guard let cut = text.firstIndex(of: ";") else { return text }
        return String(text[text.index(after: cut)...].drop(while: \.isWhitespace))
    }
}
