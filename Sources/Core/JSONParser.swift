/// Reads JSON text (RFC 8259) strictly: UTF-8 checked, one value, at most `depth` levels, no name twice.
public struct JSONParser: Sendable {
    /// Why a text is no JSON, and at which byte.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let reason: String
        public let offset: Int

        public var description: String { "\(reason) at byte \(offset)" }
    }

    /// The deepest nesting read; deeper text is refused before it can exhaust the stack.
    public static let depthLimit = 64

    private let bytes: [UInt8]
    private let depthLimit: Int
    private var at = 0

    private init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// The value that `bytes` write. Throws `Fault`.
    public static func parse(_ bytes: [UInt8]) throws -> JSON { try parse(bytes, within: 0) }

    /// The value of a text whose parts, `levels` deep in it, may each be as deep as a text of its own.
    static func parse(_ bytes: [UInt8], within levels: Int) throws -> JSON {
        var parser = JSONParser(bytes, depthLimit: depthLimit + levels)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.at == bytes.count else { throw parser.fault("something follows the value") }
        return value
    }

    private func fault(_ reason: String) -> Fault { Fault(reason: reason, offset: at) }

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func value(depth: Int) throws -> JSON {
        guard depth < depthLimit else { throw fault("more than \(depthLimit) levels of nesting") }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the text ends where a value should stand")
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
        let matches = text.withUTF8Buffer { bytes[at...].starts(with: $0) }
        guard matches else { throw fault("no JSON value") }
        at += text.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws -> JSON {
        var members: [JSON.Member] = []
        var names: Set<String> = []
        at += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault("a member needs a name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else { throw fault("the name \"\(name)\" twice") }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw fault("a colon is missing") }
            at += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            guard try another(closing: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws -> JSON {
        var items: [JSON] = []
        at += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array(items)
        }
        while true {
            items.append(try value(depth: depth + 1))
            guard try another(closing: UInt8(ascii: "]")) else { return .array(items) }
        }
    }

    /// Steps over a comma (true) or the closing bracket (false).
    private mutating func another(closing: UInt8) throws -> Bool {
        skipSpace()
        guard let byte = current else { throw fault("the text ends within brackets") }
        guard byte == UInt8(ascii: ",") || byte == closing else {
            throw fault("a comma or bracket is missing")
        }
        at += 1
        return byte != closing
    }

    private mutating func number() throws -> JSON {
        let start = at
        if current == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            throw fault("no JSON value")
        }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            guard !digits().isEmpty else { throw fault("digits are missing after the point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            guard !digits().isEmpty else { throw fault("digits are missing in the exponent") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else { throw fault("the number is out of range") }
        return .double(number)
    }

    private mutating func digits() -> ArraySlice<UInt8> {
        let start = at
        while let byte = current, byte >= 48, byte <= 57 { at += 1 }
        return bytes[start..<at]
    }

    private mutating func string() throws -> String {
        at += 1
        let start = at
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            at += 1
        }
        guard current != UInt8(ascii: "\"") else {
            defer { at += 1 }
            return try text(bytes[start..<at])
        }
        var unescaped = Array(bytes[start..<at])
        while let byte = current {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped[...])
            case UInt8(ascii: "\\"): try unescape(into: &unescaped)
            case 0..<0x20: throw fault("a control character in a string")
            default: unescaped.append(byte)
            }
        }
        throw fault("the text ends within a string")
    }

    private func text(_ utf8: ArraySlice<UInt8>) throws -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw fault("a string is no valid UTF-8")
        }
        return text
    }

    private mutating func unescape(into text: inout [UInt8]) throws {
        guard let byte = current else { throw fault("the text ends within a string") }
        at += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
        default: throw fault("an unknown escape")
        }
    }

    /// The character that `\uXXXX` writes, or a pair of surrogates.
    private mutating func scalar() throws -> Character {
        let first = try unit()
        var value = first
        if first >= 0xD800, first < 0xDC00 {
            guard current == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u")
            else {
                throw fault("half of a surrogate pair")
            }
            at += 2
            let second = try unit()
            guard second >= 0xDC00, second < 0xE000 else { throw fault("half of a surrogate pair") }
            value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw fault("half of a surrogate pair") }
        return Character(scalar)
    }

    private mutating func unit() throws -> UInt32 {
        guard at + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
            bytes[at] != UInt8(ascii: "+"), bytes[at] != UInt8(ascii: "-")
        else { throw fault("four hex digits are missing") }
        at += 4
        return value
    }
}
