import Core
import Foundation

/// A header of the form `text/plain; charset=utf-8; name="a; b"` (RFC 2045, with RFC 2231).
struct MIMEHeader: Sendable {
    /// What stands before the first semicolon.
    let word: String
    private let parameters: [String: String]

    init(_ text: String) {
        let pieces = Self.pieces(text)
        word = pieces.first?.trimmingCharacters(in: .whitespaces) ?? ""
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            guard let sign = piece.firstIndex(of: "=") else { continue }
            let name = piece[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
            let value = piece[piece.index(after: sign)...].trimmingCharacters(in: .whitespaces)
            parameters[name] = parameters[name] ?? Self.unquoted(value)
        }
        self.parameters = parameters
    }

    /// A parameter, put together where it was sent in pieces or percent-encoded.
    subscript(name: String) -> String? {
        if let plain = parameters[name] { return plain }
        if let whole = parameters["\(name)*"] { return Self.extended(whole) }
        var text = ""
        for number in 0..<100 {
            if let piece = parameters["\(name)*\(number)"] {
                text += piece
            } else if let piece = parameters["\(name)*\(number)*"] {
                text += Self.extended(piece)
            } else {
                return number == 0 ? nil : text
            }
        }
        return text
    }

    /// Cut at the semicolons that stand outside of quotes.
    private static func pieces(_ text: String) -> [String] {
        var (pieces, current, isQuoted, isEscaped) = ([String](), "", false, false)
        for character in text {
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            if character == ";", !isQuoted {
                pieces.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        return pieces + [current]
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast()).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
    }

    /// `utf-8'en'%e2%82%ac` as text.
    private static func extended(_ text: String) -> String {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        let (charset, rest) = parts.count == 3 ? (String(parts[0]), parts[2]) : ("utf-8", text[...])
        var (bytes, index) = ([UInt8](), rest.utf8.startIndex)
        while index < rest.utf8.endIndex {
            let byte = rest.utf8[index]
            let code = rest.utf8[rest.utf8.index(after: index)...].prefix(2)
            if byte == UInt8(ascii: "%"), let value = Hex.bytes(code)?.first {
                bytes.append(value)
                index = rest.utf8.index(index, offsetBy: 3)
            } else {
                bytes.append(byte)
                index = rest.utf8.index(after: index)
            }
        }
        return Charset.text(of: bytes, in: charset)
    }
}
