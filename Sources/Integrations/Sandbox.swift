import Core
import Curl

/// Where the sandbox puts what would have gone out; the store keeps it for the API and the dashboard to show.
package protocol SandboxOutbox: Sendable {
    /// Keeps `letter`; one with the same `id` again is the same letter.
    func keep(_ letter: Letter) async throws
}

/// A mail that was rendered as if for sending, and went no further.
package struct Letter: Sendable {
    /// Its `Message-ID`.
    package let id: String
    package let sender: String
    package let recipients: [String]
    package let subject: String
    /// All of it, as it would have gone over the wire (RFC 5322).
    package let content: [UInt8]

    init(_ mail: Curl.Mail, content: [UInt8]) {
        id = mail.messageID
        sender = mail.from.address
        recipients = mail.recipients
        subject = mail.subject
        self.content = content
    }
}
