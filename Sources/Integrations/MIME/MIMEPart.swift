import Foundation

/// One part of a mail (RFC 2045), or the whole of it: what its head says, and what it holds.
///
/// What others send is never trusted to be well formed: what cannot be read is left out, and nothing loops.
struct MIMEPart: Sendable {
    private let headers: [(name: String, value: String)]
    private let body: ArraySlice<UInt8>

    /// Parts of a mail that are looked at, and how deep they may lie within each other.
    private static let mostParts = 100
    private static let deepest = 8
    private static let mostHeaders = 500

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    private init(_ bytes: ArraySlice<UInt8>) {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        while let line = Self.line(&rest), !line.isEmpty {
            guard headers.count < Self.mostHeaders else { continue }
            let text = Charset.text(of: Array(line))
            if text.first?.isWhitespace == true, !headers.isEmpty {
                headers[headers.count - 1].value += " " + text.trimmingCharacters(in: .whitespaces)
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                headers.append((text[..<colon].trimmingCharacters(in: .whitespaces).lowercased(), value))
            }
        }
        self.headers = headers
        body = rest
    }

    /// The first header of that name, unfolded, as it was sent.
    subscript(name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

    /// The media type, in lower case.
    var type: String {
        let type = MIMEHeader(self["content-type"] ?? "").word.lowercased()
        return type.contains("/") ? type : "text/plain"
    }

    /// The name of the file that it is; nil where it is shown and not kept.
    var fileName: String? {
        let disposition = MIMEHeader(self["content-disposition"] ?? "")
        let name = disposition["filename"] ?? MIMEHeader(self["content-type"] ?? "")["name"]
        if let name, !name.isEmpty { return EncodedWords.decoded(name) }
        return disposition.word.lowercased() == "attachment" ? "attachment" : nil
    }

    /// What it holds, decoded.
    var content: [UInt8] {
        switch (self["content-transfer-encoding"] ?? "").lowercased() {
        case "quoted-printable": QuotedText.decoded(body)
        case "base64": [UInt8](Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters) ?? Data())
        default: Array(body)
        }
    }

    /// What it holds as text.
    var text: String { Charset.text(of: content, in: MIMEHeader(self["content-type"] ?? "")["charset"]) }

    /// The parts that hold something, in order, however deep they lie.
    var leaves: [MIMEPart] {
        var found: [MIMEPart] = []
        collect(&found, depth: 0)
        return found
    }

    private func collect(_ found: inout [MIMEPart], depth: Int) {
        guard found.count < Self.mostParts else { return }
        guard type.hasPrefix("multipart/"), depth < Self.deepest,
            let boundary = MIMEHeader(self["content-type"] ?? "")["boundary"], !boundary.isEmpty
        else { return found.append(self) }
        for part in Self.parts(of: body, Array("--\(boundary)".utf8)) {
            part.collect(&found, depth: depth + 1)
        }
    }

    private static func parts(of body: ArraySlice<UInt8>, _ mark: [UInt8]) -> [MIMEPart] {
        var parts: [MIMEPart] = []
        var (rest, start) = (body, Int?.none)
        while parts.count < mostParts {
            let place = rest.startIndex
            guard let line = line(&rest) else { break }
            guard line.starts(with: mark) else { continue }
            let tail = line.dropFirst(mark.count)
            guard tail.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x2D }) else { continue }
            if let start { parts.append(MIMEPart(trimmed(body[start..<place]))) }
            start = rest.startIndex
            if tail.starts(with: [0x2D, 0x2D]) { return parts }
        }
        // A mail that was cut off ends without its last mark.
        if let start, start < body.endIndex, parts.count < mostParts {
            parts.append(MIMEPart(body[start...]))
        }
        return parts
    }

    /// Without the end of line that belongs to the mark.
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        return bytes
    }

    /// The next line without its end; nil when there is none.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        var line = rest[rest.startIndex..<end]
        rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
        if line.last == 0x0D { line.removeLast() }
        return line
    }
}
