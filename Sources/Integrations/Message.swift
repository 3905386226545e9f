import Core
import Curl
import Foundation

extension Mail {
    /// An e-mail address, and the name shown beside it.
    package struct Address: Sendable, Hashable {
        package let address: String
        package let name: String?

        package init(_ address: String, name: String? = nil) {
            self.address = address
            self.name = name
        }
    }

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

    /// One e-mail to send. Equal values give equal bytes on the wire.
    package struct Message: Sendable {
        /// Tells this mail from every other and stays for its repeats: letters, digits, `-`, `.` and `_`.
        /// The `Message-ID` is made of it, by which receivers fold repeats into one.
        package var id: String
        package var to: [Address]
        package var cc: [Address] = []
        package var bcc: [Address] = []
        package var replyTo: Address?
        package var subject: String
        package var text: String
        package var html: String?
        package var attachments: [Attachment] = []
        /// Further headers, such as `In-Reply-To`.
        package var headers: [(name: String, value: String)] = []
        /// When it was written; the same for its repeats.
        package var date: Moment

        package init(
            id: String, to: [Address], subject: String, text: String, html: String? = nil, date: Moment
        ) {
            self.id = id
            self.to = to
            self.subject = subject
            self.text = text
            self.html = html
            self.date = date
        }
    }
}

extension Mail.Message {
    func wire(from sender: Mail.Address) throws -> Curl.Mail {
        let from = try sender.mailbox()
        let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        var mail = Curl.Mail(
            from: from, to: try to.map { try $0.mailbox() }, subject: subject, text: text, html: html,
            date: Date(timeIntervalSince1970: Double(date.milliseconds / 1_000)),
            messageID: "<\(id)@\(domain)>")
        mail.cc = try cc.map { try $0.mailbox() }
        mail.bcc = try bcc.map { try $0.mailbox() }
        mail.replyTo = try replyTo.map { try $0.mailbox() }
        mail.attachments = attachments.map {
            Curl.Mail.Attachment(name: $0.name, type: $0.type, content: $0.content)
        }
        mail.headers = headers.map { Curl.Header($0.name, $0.value) }
        return mail
    }
}

extension Mail.Address {
    fileprivate func mailbox() throws -> Curl.Mailbox { try Curl.Mailbox(address, name: name) }
}
