/// Cuts a document into tokens; white space, commas and comments fall away.
struct Lexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    /// The column of the byte at `counted`; what lies before it is counted only once.
    private var column = 1
    private var counted = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() throws -> Token {
        skip()
        let place = place()
        guard let byte = peek() else { return Token(kind: .end, text: "", place: place) }
        switch byte {
        case UInt8(ascii: "\""): return Token(kind: .string, text: try string(), place: place)
        case UInt8(ascii: "-"), 48...57: return try number(place)
        case UInt8(ascii: "."): return try dots(place)
        case _ where Self.isNameStart(byte): return name(place)
        case _ where Self.marks.contains(byte):
            index += 1
            return Token(kind: .mark, text: String(decoding: [byte], as: UTF8.self), place: place)
        default: throw Complaint("This character has no place in a document.", at: place)
        }
    }

    private static let marks = Set("!$&()=:@[]{|}".utf8)

    private func peek(_ ahead: Int = 0) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }

    /// Where the next byte stands; bytes that continue a character are no column of their own.
    private mutating func place() -> Place {
        column += bytes[counted..<index].count { $0 & 0xC0 != 0x80 }
        counted = index
        return Place(line: line, column: column)
    }

    private mutating func skip() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): breakLine()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","): index += 1
            case UInt8(ascii: "#"): while let byte = peek(), byte != 10, byte != 13 { index += 1 }
            case 0xEF where peek(1) == 0xBB && peek(2) == 0xBF: index += 3
            default: return
            }
        }
    }

    private mutating func breakLine() {
        index += peek() == UInt8(ascii: "\r") && peek(1) == UInt8(ascii: "\n") ? 2 : 1
        line += 1
        column = 1
        counted = index
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private mutating func name(_ place: Place) -> Token {
        let start = index
        while let byte = peek(), Self.isNameStart(byte) || Self.isDigit(byte) { index += 1 }
        return Token(kind: .name, text: String(decoding: bytes[start..<index], as: UTF8.self), place: place)
    }

    private mutating func dots(_ place: Place) throws -> Token {
        guard peek(1) == UInt8(ascii: "."), peek(2) == UInt8(ascii: ".") else {
            throw Complaint("A fragment is spread by three dots.", at: place)
        }
        index += 3
        return Token(kind: .mark, text: "...", place: place)
    }

    private mutating func number(_ place: Place) throws -> Token {
        let start = index
        var kind = Token.Kind.integer
        if peek() == UInt8(ascii: "-") { index += 1 }
        let isZero = peek() == UInt8(ascii: "0")
        guard try digits(place) == 1 || !isZero else {
            throw Complaint("A number does not begin with 0.", at: place)
        }
        if peek() == UInt8(ascii: ".") {
            index += 1
            kind = .float
            _ = try digits(place)
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            index += 1
            kind = .float
            if peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") { index += 1 }
            _ = try digits(place)
        }
        if let byte = peek(), Self.isNameStart(byte) || byte == UInt8(ascii: ".") {
            throw Complaint("A number ends before the next word.", at: place)
        }
        return Token(kind: kind, text: String(decoding: bytes[start..<index], as: UTF8.self), place: place)
    }

    private mutating func digits(_ place: Place) throws -> Int {
        let start = index
        while let byte = peek(), Self.isDigit(byte) { index += 1 }
        guard index > start else { throw Complaint("A number needs a digit here.", at: place) }
        return index - start
    }
}

extension Lexer {
    private mutating func string() throws -> String {
        if peek(1) == UInt8(ascii: "\""), peek(2) == UInt8(ascii: "\"") { return try block() }
        let start = place()
        var text: [UInt8] = []
        index += 1
        while let byte = peek(), byte != 10, byte != 13 {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(String(try escaped(start)).utf8)
            case 0..<32 where byte != 9: throw Complaint("A string holds no control characters.", at: start)
            default: text.append(byte)
            }
        }
        throw Complaint("This string has no end.", at: start)
    }

    private mutating func escaped(_ start: Place) throws -> Unicode.Scalar {
        guard let byte = peek() else { throw Complaint("This string has no end.", at: start) }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scalar(start)
        default: throw Complaint("A string has no escape of this kind.", at: start)
        }
    }

    /// `\u{1F600}`, `\uD83D\uDE00` or `\u00E4`.
    private mutating func scalar(_ start: Place) throws -> Unicode.Scalar {
        var value: UInt32
        if peek() == UInt8(ascii: "{") {
            index += 1
            value = try hex(upTo: 8, start)
            guard peek() == UInt8(ascii: "}") else { throw Self.unknownScalar(start) }
            index += 1
        } else {
            value = try hex(exactly: 4, start)
            if (0xD800..<0xDC00).contains(value), peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") {
                index += 2
                let low = try hex(exactly: 4, start)
                guard (0xDC00..<0xE000).contains(low) else { throw Self.unknownScalar(start) }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
        }
        guard let scalar = Unicode.Scalar(value) else { throw Self.unknownScalar(start) }
        return scalar
    }

    private static func unknownScalar(_ place: Place) -> Complaint {
        Complaint("An escape in this string names no character.", at: place)
    }

    private mutating func hex(upTo most: Int, _ start: Place) throws -> UInt32 {
        let text = bytes[index...].prefix(most).prefix { Character(Unicode.Scalar($0)).isHexDigit }
        guard !text.isEmpty, let value = UInt32(String(decoding: text, as: UTF8.self), radix: 16) else {
            throw Self.unknownScalar(start)
        }
        index += text.count
        return value
    }

    private mutating func hex(exactly count: Int, _ start: Place) throws -> UInt32 {
        let before = index
        let value = try hex(upTo: count, start)
        guard index - before == count else { throw Self.unknownScalar(start) }
        return value
    }

    /// A string between three quotes each, without the indentation that all its lines share.
    private mutating func block() throws -> String {
        let start = place()
        var text: [UInt8] = []
        index += 3
        while let byte = peek() {
            let isQuotes = byte == UInt8(ascii: "\"") && peek(1) == byte && peek(2) == byte
            if isQuotes {
                index += 3
                return BlockString.value(String(decoding: text, as: UTF8.self))
            }
            if byte == UInt8(ascii: "\\"), bytes[(index + 1)...].prefix(3).elementsEqual("\"\"\"".utf8) {
                index += 4
                text += Array("\"\"\"".utf8)
            } else if byte == 10 || byte == 13 {
                breakLine()
                text.append(10)
            } else {
                index += 1
                text.append(byte)
            }
        }
        throw Complaint("This string has no end.", at: start)
    }
}

/// What a block string means: its lines without shared indentation and without blank lines at its ends.
enum BlockString {
    static func value(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        let shared = lines.dropFirst().filter { !isBlank($0) }.map { $0.prefix(while: isSpace).count }.min()
        for index in lines.indices.dropFirst() { lines[index] = String(lines[index].dropFirst(shared ?? 0)) }
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func isBlank(_ line: String) -> Bool { line.allSatisfy(isSpace) }
}
