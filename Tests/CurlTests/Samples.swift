import Curl
import Foundation

extension Curl.Mail {
    /// A small mail that is in order.
    static func sample(
        to addresses: [String] = ["to@example.com"], subject: String = "Hello"
    ) throws -> Curl.Mail {
        try Curl.Mail(
            from: Curl.Mailbox("from@example.com", name: "Atom"), to: addresses.map { try Curl.Mailbox($0) },
            subject: subject, text: "One line.\n.\n.dot\nThe end.", html: "<p>One line.</p>",
            date: Date(timeIntervalSince1970: 1_774_747_800), messageID: "<job.42@example.com>")
    }

    /// A mail that no buffer on its way holds as a whole.
    static func long() throws -> Curl.Mail {
        var mail = try sample()
        let content = [UInt8](repeating: 65, count: 8 << 20)
        mail.attachments = [Attachment(name: "long.bin", type: "application/octet-stream", content: content)]
        return mail
    }
}

extension Curl.Relay {
    static func plain(_ port: UInt16) -> Curl.Relay {
        Curl.Relay(host: "127.0.0.1", port: port, security: .clear)
    }
}

/// Sets or removes a variable of this process; true when it worked.
func setenvironment(_ name: String, _ value: String?) -> Bool {
    value.map { setenv(name, $0, 1) == 0 } ?? (unsetenv(name) == 0)
}
