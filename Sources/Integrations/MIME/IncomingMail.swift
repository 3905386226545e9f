import Core
import Foundation

/// A mail that came in, as far as it concerns us.
package struct IncomingMail: Sendable, Hashable {
    /// Its Message-ID, without the angle brackets; empty where it has none.
    package let id: String
    package let from: String?
    /// What the sender goes by.
    package let name: String?
    package let to: [String]
    package let subject: String
    /// The text, as plain as it was sent.
    package let text: String?
    /// The same as HTML, where there is no plain text.
    package let html: String?
    /// The messages it answers, the nearest first, without angle brackets.
    package let answers: [String]
    package let at: Moment?
    package let files: [File]
    /// True where a machine wrote it: it is no answer of a person.
    package let isAutomatic: Bool

    /// A file that came along.
    package struct File: Sendable, Hashable {
        package let name: String
        package let type: String
        package let bytes: Int
    }

    /// Files that are told of, and messages that it may answer.
    private static let mostFiles = 50
    private static let mostAnswers = 20

    package init(_ bytes: [UInt8]) {
        let mail = MIMEPart(bytes)
        let (leaves, from) = (mail.leaves, MailAddress.list(mail["from"]).first)
        id = Self.ids(mail["message-id"]).first ?? ""
        self.from = from?.address
        name = from?.name
        to = MailAddress.list(mail["to"]).map(\.address)
        subject = EncodedWords.decoded(mail["subject"] ?? "")
        let shown = leaves.filter { $0.fileName == nil }
        text = shown.first { $0.type == "text/plain" }?.text
        html = shown.first { $0.type == "text/html" }?.text
        let references = Self.ids(mail["references"]).reversed()
        answers = Array((Self.ids(mail["in-reply-to"]) + references).prefix(Self.mostAnswers))
        at = mail["date"].flatMap(Self.moment)
        files = leaves.filter { $0.fileName != nil }.prefix(Self.mostFiles).map { part in
            File(name: part.fileName ?? "", type: part.type, bytes: part.content.count)
        }
        let sent = (mail["auto-submitted"] ?? "no").lowercased()
        let precedence = (mail["precedence"] ?? "").lowercased()
        isAutomatic =
            !sent.hasPrefix("no") || ["bulk", "auto_reply", "junk"].contains(precedence)
            || mail["x-autoreply"] != nil
    }

    /// The ids between angle brackets.
    private static func ids(_ header: String?) -> [String] {
        (header ?? "").split(separator: "<", omittingEmptySubsequences: false).dropFirst().compactMap {
            part in
            guard let end = part.firstIndex(of: ">") else { return nil }
            let id = part[..<end].filter { !$0.isWhitespace }
            return (1...255).contains(id.utf8.count) ? id : nil
        }
    }

    /// A time as RFC 5322 writes it, with what stands in brackets behind it left out.
    private static func moment(_ text: String) -> Moment? {
        let plain = text.prefix { $0 != "(" }.trimmingCharacters(in: .whitespaces)
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        for pattern in ["EEE, d MMM yyyy HH:mm:ss Z", "d MMM yyyy HH:mm:ss Z", "EEE, d MMM yyyy HH:mm Z"] {
            format.dateFormat = pattern
            if let date = format.date(from: plain) {
                return Moment(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
            }
        }
        return nil
    }
}

/// An address in a header, and the name before it.
struct MailAddress: Sendable, Hashable {
    let address: String
    let name: String?

    private static let most = 50

    /// The addresses of `Ada <ada@example.org>, "Bob, B." <bob@example.org>`.
    static func list(_ header: String?) -> [MailAddress] {
        var (pieces, current, isQuoted) = ([String](), "", false)
        for character in header ?? "" {
            if character == "\"" { isQuoted.toggle() }
            if character == ",", !isQuoted {
                pieces.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        return (pieces + [current]).compactMap(MailAddress.init).prefix(most).map { $0 }
    }

    /// Nil for what holds no address.
    private init?(_ text: String) {
        let open = text.lastIndex(of: "<")
        let inner = open.map { text[text.index(after: $0)...].prefix { $0 != ">" } } ?? text[...]
        let address = inner.filter { !$0.isWhitespace }
        guard address.contains("@"), address.utf8.count <= 254 else { return nil }
        self.address = address.lowercased()
        let before = text[..<(open ?? text.startIndex)].trimmingCharacters(in: .init(charactersIn: " \t\""))
        name = before.isEmpty ? nil : EncodedWords.decoded(before)
    }
}
