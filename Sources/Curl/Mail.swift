import Foundation

extension Curl {
    /// One e-mail: what its recipients see, and who they are.
    package struct Mail: Sendable {
        /// A file that goes along.
        package struct Attachment: Sendable {
            package let name: String
            /// A media type such as `text/csv`.
            package let type: String
            package let content: [UInt8]

            package init(name: String, type: String, content: [UInt8]) {
                self.name = name
                self.type = type
                self.content = content
            }
        }

        package static let mostRecipients = 100
        package static let largest = 25 << 20

        package var from: Mailbox
        package var to: [Mailbox]
        package var cc: [Mailbox] = []
        /// Gets the mail without being named in it.
        package var bcc: [Mailbox] = []
        package var replyTo: Mailbox?
        package var subject: String
        package var text: String
        package var html: String?
        package var attachments: [Attachment] = []
        package var date: Date
        /// The identity of the mail, `<left@domain>`; the same again for a repeat of the same mail.
        package var messageID: String
        /// Further headers, such as `In-Reply-To` or `List-Unsubscribe`.
        package var headers: [Header] = []

        package init(
            from: Mailbox, to: [Mailbox], subject: String, text: String, html: String? = nil, date: Date,
            messageID: String
        ) {
            self.from = from
            self.to = to
            self.subject = subject
            self.text = text
            self.html = html
            self.date = date
            self.messageID = messageID
        }

        /// Everyone it goes to, each once.
        package var recipients: [String] {
            var seen: Set<String> = []
            return (to + cc + bcc).map(\.address).filter { seen.insert($0).inserted }
        }
    }
}

extension Curl.Mail {
    static let longestSubject = 1_000
    private static let ours: Set<String> = [
        "from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version",
        "auto-submitted", "sender", "return-path", "received",
    ]

    /// Refuses what cannot be sent, or would say in a header what its writer did not mean.
    func check() throws {
        let count = recipients.count
        guard count > 0 else { throw Curl.Fault(.invalid, "The mail has no recipient.") }
        guard count <= Self.mostRecipients else {
            throw Curl.Fault(.invalid, "The mail has more than \(Self.mostRecipients) recipients.")
        }
        guard subject.utf8.count <= Self.longestSubject, HeaderText.isClean(subject) else {
            throw Curl.Fault(.invalid, "The subject is too long or holds a control character.")
        }
        guard Self.isIdentity(messageID) else {
            throw Curl.Fault(.invalid, "The message id is not of the form <left@domain>.")
        }
        for header in headers { try check(header) }
        for attachment in attachments { try check(attachment) }
    }

    private func check(_ header: Curl.Header) throws {
        let name = header.name.lowercased()
        guard Token.isValid(name), !Self.ours.contains(name), !name.hasPrefix("content-") else {
            throw Curl.Fault(.invalid, "A header has a name that a mail may not set.")
        }
        guard HeaderText.isClean(header.value), (1...Self.longestSubject).contains(header.value.utf8.count)
        else {
            throw Curl.Fault(.invalid, "The header \(name) is empty, too long or holds a control character.")
        }
    }

    private func check(_ attachment: Attachment) throws {
        let type = attachment.type.split(separator: "/", omittingEmptySubsequences: false)
        guard type.count == 2, type.allSatisfy({ Token.isValid(String($0)) }) else {
            throw Curl.Fault(.invalid, "The type of an attachment is no media type such as text/csv.")
        }
        let name = attachment.name
        guard (1...200).contains(name.utf8.count), HeaderText.isClean(name), !name.contains("/") else {
            throw Curl.Fault(.invalid, "The name of an attachment is no plain file name.")
        }
    }

    private static func isIdentity(_ text: String) -> Bool {
        guard text.utf8.count <= 250, text.hasPrefix("<"), text.hasSuffix(">") else { return false }
        let parts = text.dropFirst().dropLast().split(separator: "@", omittingEmptySubsequences: false)
        let left = CharacterSet(charactersIn: "!#$%&'*+-/=?^_`{|}~.").union(.alphanumerics)
        return parts.count == 2 && !parts[0].isEmpty && Curl.Mailbox.isDomain(parts[1])
            && parts[0].unicodeScalars.allSatisfy { $0.isASCII && left.contains($0) }
    }
}
