import Foundation

extension Curl.Mail {
    // Neither encoding used in a part can produce "=_", so the lines between parts never occur inside one.
    private static let versions = "=_versions"
    private static let parts = "=_parts"

    /// The mail as it goes over the wire (RFC 5322, CR LF). The same mail always gives the same bytes.
    ///
    /// Throws `Curl.Fault` `invalid`.
    package func rendered() throws -> [UInt8] {
        try check()
        var bytes = Array(head.utf8)
        if attachments.isEmpty {
            bytes += content
        } else {
            let mixed = "Content-Type: multipart/mixed; boundary=\"\(Self.parts)\"\r\n\r\n"
            bytes += Array(mixed.utf8) + Self.joined([content] + attachments.map(\.part), by: Self.parts)
        }
        guard bytes.count <= Self.largest else {
            throw Curl.Fault(.invalid, "The mail is larger than \(Self.largest >> 20) MB.")
        }
        return bytes
    }

    private var head: String {
        var head = "Date: \(Self.text(of: date))\r\n" + Self.list("From", [from]) + Self.list("To", to)
        head += Self.list("Cc", cc) + Self.list("Reply-To", replyTo.map { [$0] } ?? [])
        // Mail to hidden recipients only still needs somebody it is addressed to.
        if to.isEmpty && cc.isEmpty { head += "To: undisclosed-recipients:;\r\n" }
        head += HeaderText.header("Subject", subject) + "Message-ID: \(messageID)\r\n"
        head += "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
        for header in headers { head += HeaderText.header(header.name, header.value) }
        return head
    }

    private static func list(_ name: String, _ boxes: [Curl.Mailbox]) -> String {
        boxes.isEmpty ? "" : "\(name): \(boxes.map(\.header).joined(separator: ",\r\n "))\r\n"
    }

    /// What there is to read: the text, or both versions of it.
    private var content: [UInt8] {
        guard let html else { return Self.part(text, as: "plain") }
        let start = "Content-Type: multipart/alternative; boundary=\"\(Self.versions)\"\r\n\r\n"
        return Array(start.utf8)
            + Self.joined([Self.part(text, as: "plain"), Self.part(html, as: "html")], by: Self.versions)
    }

    private static func part(_ text: String, as kind: String) -> [UInt8] {
        let head =
            "Content-Type: text/\(kind); charset=utf-8\r\n"
            + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        return Array(head.utf8) + QuotedPrintable.encode(text) + [0x0D, 0x0A]
    }

    private static func joined(_ parts: [[UInt8]], by boundary: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts { bytes += Array("--\(boundary)\r\n".utf8) + part }
        return bytes + Array("--\(boundary)--\r\n".utf8)
    }

    /// `date` as RFC 5322 writes it, in UTC: `Sun, 29 Mar 2026 01:30:00 +0000`.
    static func text(of date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        return "\(days[Int(parts.tm_wday)]), \(twoDigits(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(Int(parts.tm_year) + 1_900) \(time) +0000"
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Curl.Mail.Attachment {
    fileprivate var part: [UInt8] {
        let head =
            "Content-Type: \(type)\r\nContent-Transfer-Encoding: base64\r\n"
            + "Content-Disposition: attachment; \(fileName)\r\n\r\n"
        let encoded = Data(content).base64EncodedData(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return Array(head.utf8) + Array(encoded) + [0x0D, 0x0A]
    }

    /// The name as a parameter, percent-encoded after RFC 2231 when it is not plain.
    private var fileName: String {
        let plain = CharacterSet(charactersIn: "-._").union(.alphanumerics)
        let isPlain = name.unicodeScalars.allSatisfy { $0.isASCII && (plain.contains($0) || $0 == " ") }
        guard !isPlain else { return "filename=\"\(name)\"" }
        let encoded = name.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            return scalar.isASCII && plain.contains(scalar)
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + hex
        }
        return "filename*=utf-8''" + encoded.joined()
    }
}
