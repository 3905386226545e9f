import Core
import Foundation
import Workspace

/// A message as Gmail shows it.
struct GmailMessage: Sendable {
    let id: String
    let labels: [String]
    /// Changes with the labels; all else stays.
    let version: String
    private(set) var message: RemoteMessage

    /// Nil for what is no message.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, let payload = json["payload"] else { return nil }
        self.id = id
        labels = (json["labelIds"]?.array ?? []).compactMap(\.string)
        version = labels.sorted().joined(separator: " ")
        let at = json["internalDate"]?.string.flatMap { Int64($0) } ?? 0
        message = RemoteMessage(.email, at: Moment(milliseconds: at))
        message.isOut = labels.contains("SENT")
        message.isRead = !labels.contains("UNREAD")
        message.from = Self.addresses(Self.header("From", payload)).first
        message.to = Self.addresses(Self.header("To", payload))
        message.subject = Self.header("Subject", payload)
        message.externalID = Self.identity(Self.header("Message-ID", payload))
        message.thread = json["threadId"]?.string
        let plain = Self.part("text/plain", of: payload)
        message.body = plain ?? Self.part("text/html", of: payload).map(PlainText.of(html:)) ?? ""
    }

    private static func header(_ name: String, _ part: JSON) -> String? {
        part["headers"]?.array?.first { $0["name"]?.string?.lowercased() == name.lowercased() }?["value"]?
            .string
    }

    /// The first part of a type, however deep it lies.
    private static func part(_ type: String, of part: JSON) -> String? {
        if part["mimeType"]?.string == type, part["filename"]?.string ?? "" == "",
            let data = part["body"]?["data"]?.string
        {
            let bytes = Base64.bytes(urlText: String(data.prefix { $0 != "=" }))
            return bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        return (part["parts"]?.array ?? []).lazy.compactMap { Self.part(type, of: $0) }.first
    }

    /// The addresses of a header such as `Ada <ada@example.org>, bob@example.org`.
    static func addresses(_ header: String?) -> [String] {
        var (found, rest, isQuoted) = ([String](), "", false)
        for character in (header ?? "") + "," {
            if character == "\"" { isQuoted.toggle() }
            guard character == ",", !isQuoted else {
                rest.append(character)
                continue
            }
            let inner = rest.split(separator: "<").last.map { $0.prefix { $0 != ">" } } ?? ""
            let address = inner.filter { !$0.isWhitespace }
            if address.contains("@") { found.append(address) }
            rest = ""
        }
        return found
    }

    /// The name in a Message-ID, if it fits.
    static func identity(_ header: String?) -> String? {
        let text = (header ?? "").filter { !$0.isWhitespace && $0 != "<" && $0 != ">" }
        return (1...255).contains(text.utf8.count) ? text : nil
    }
}
