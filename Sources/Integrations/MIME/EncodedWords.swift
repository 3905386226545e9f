import Core
import Foundation

/// Reads the encoded words of a header: `=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=` (RFC 2047).
enum EncodedWords {
    static func decoded(_ text: String) -> String {
        var (result, rest, wasWord) = ("", text[...], false)
        // Words that follow each other may share a character, so that their bytes are read together.
        var (pending, charset) = ([UInt8](), "")
        func flush() -> String { Charset.text(of: pending, in: charset) }
        while let start = rest.firstRange(of: "=?") {
            let gap = rest[..<start.lowerBound]
            guard let word = word(rest[start.lowerBound...]) else {
                result += flush() + rest[..<start.upperBound]
                (pending, wasWord) = ([], false)
                rest = rest[start.upperBound...]
                continue
            }
            // White space between two encoded words is not shown.
            let isJoint = wasWord && gap.allSatisfy(\.isWhitespace)
            if !isJoint || word.charset != charset {
                result += flush() + (isJoint ? "" : gap)
                pending = []
            }
            (pending, charset, wasWord) = (pending + word.bytes, word.charset, true)
            rest = rest[word.end...]
        }
        return result + flush() + rest
    }

    /// The encoded word at the beginning of `text`.
    private static func word(
        _ text: Substring
    ) -> (charset: String, bytes: [UInt8], end: String.Index)? {
        let parts = text.dropFirst(2).split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, !parts[0].isEmpty, parts[3].hasPrefix("="), parts[1].count == 1 else {
            return nil
        }
        let charset = parts[0].prefix { $0 != "*" }.lowercased()
        let end = text.index(after: parts[3].startIndex)
        switch parts[1].lowercased() {
        case "q":
            let spaced = parts[2].utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }
            return (charset, QuotedText.decoded(spaced[...]), end)
        case "b":
            guard let data = Data(base64Encoded: String(parts[2]), options: .ignoreUnknownCharacters) else {
                return nil
            }
            return (charset, [UInt8](data), end)
        default: return nil
        }
    }
}

/// Reads what is quoted-printable (RFC 2045).
enum QuotedText {
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var (plain, index) = ([UInt8](), bytes.startIndex)
        plain.reserveCapacity(bytes.count)
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "=") else {
                plain.append(byte)
                index += 1
                continue
            }
            let code = bytes[(index + 1)...].prefix(2)
            if let value = Hex.bytes(code)?.first {
                plain.append(value)
                index += 3
            } else {
                index = lineEnd(bytes, after: index) ?? index + 1
                if index == bytes.startIndex { index += 1 }
            }
        }
        return plain
    }

    /// Behind the end of line that an equals sign joins; nil where it joins none.
    private static func lineEnd(_ bytes: ArraySlice<UInt8>, after sign: Int) -> Int? {
        let rest = bytes[(sign + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        if rest.first == 0x0A { return rest.startIndex + 1 }
        guard rest.first == 0x0D else { return nil }
        let next = rest.startIndex + 1
        return next < bytes.endIndex && bytes[next] == 0x0A ? next + 1 : next
    }
}
