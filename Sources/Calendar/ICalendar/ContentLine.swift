import Core

/// One line of an iCalendar file, unfolded: a name, parameters and a value.
struct ContentLine: Sendable {
    /// Where it begins in the file.
    let number: Int
    let name: String
    let parameters: [String: String]
    let value: String

    /// The lines of a file. Throws `Failure(.invalid)` for a file that is no text.
    static func lines(of bytes: [UInt8]) throws -> [ContentLine] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.invalid, "The file is no text in UTF-8.")
        }
        var found: [(number: Int, text: [UInt8])] = []
        for (index, line) in text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let plain = line.last == 13 ? line.dropLast() : line
            if let first = plain.first, first == 32 || first == 9, !found.isEmpty {
                found[found.count - 1].text += plain.dropFirst()
            } else if !plain.isEmpty {
                found.append((index + 1, Array(plain)))
            }
        }
        return try found.map { try ContentLine($0.text, number: $0.number) }
    }

    private init(_ bytes: [UInt8], number: Int) throws {
        self.number = number
        var parts = Self.split(bytes, at: UInt8(ascii: ":"), most: 2)
        guard parts.count == 2 else {
            throw Failure(.invalid, "Line \(number) is no line of an iCalendar file: it has no colon.")
        }
        value = String(decoding: parts[1], as: UTF8.self)
        parts = Self.split(Array(parts[0]), at: UInt8(ascii: ";"), most: .max)
        name = String(decoding: parts[0], as: UTF8.self).uppercased()
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let sides = Self.split(Array(part), at: UInt8(ascii: "="), most: 2)
            let key = String(decoding: sides[0], as: UTF8.self).uppercased()
            parameters[key] = sides.count == 2 ? Self.plain(sides[1]) : ""
        }
        self.parameters = parameters
    }

    /// The pieces between separators that stand outside quotes.
    private static func split(_ bytes: [UInt8], at separator: UInt8, most: Int) -> [ArraySlice<UInt8>] {
        var (pieces, start, isQuoted) = ([ArraySlice<UInt8>](), 0, false)
        for (index, byte) in bytes.enumerated() where pieces.count + 1 < most {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard byte == separator, !isQuoted else { continue }
            pieces.append(bytes[start..<index])
            start = index + 1
        }
        return pieces + [bytes[start...]]
    }

    /// A parameter's value without its quotes and the escapes of RFC 6868.
    private static func plain(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self).unescaped(
            "^", ["n": "\n", "'": "\"", "^": "^"])
    }

    /// The value as a text: without its escapes.
    var text: String {
        value.unescaped("\\", ["n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"])
    }
}

extension String {
    /// The text with each escape replaced by what it means; one that means nothing stays.
    fileprivate func unescaped(_ mark: Unicode.Scalar, _ meanings: [Unicode.Scalar: String]) -> String {
        guard unicodeScalars.contains(mark) else { return self }
        var (plain, isEscaped) = ("", false)
        for scalar in unicodeScalars {
            if isEscaped {
                plain += meanings[scalar] ?? "\(mark)\(scalar)"
                isEscaped = false
            } else if scalar == mark {
                isEscaped = true
            } else {
                plain.unicodeScalars.append(scalar)
            }
        }
        return isEscaped ? plain + String(mark) : plain
    }
}
