/// Writes JSON text by hand, piece by piece, for the paths where every microsecond is paid per job.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Text that is JSON already.
    public mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Bytes that are JSON already.
    public mutating func raw(_ json: some Collection<UInt8>) { bytes.append(contentsOf: json) }

    public mutating func write(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }

    /// A string in quotes, with what JSON does not allow escaped.
    public mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            guard utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
                return bytes.append(contentsOf: utf8)
            }
            for byte in utf8 { escape(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func write(_ value: JSON) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): flag ? raw("true") : raw("false")
        case .integer(let number): write(number)
        // JSON knows neither infinity nor NaN.
        case .double(let number): number.isFinite ? raw(number.description.utf8) : raw("null")
        case .string(let text): write(text)
        case .array(let items): write(items)
        case .object(let members): write(members)
        }
    }

    private mutating func write(_ items: [JSON]) {
        raw("[")
        for (index, item) in items.enumerated() {
            if index > 0 { raw(",") }
            write(item)
        }
        raw("]")
    }

    private mutating func write(_ members: [JSON.Member]) {
        raw("{")
        for (index, member) in members.enumerated() {
            if index > 0 { raw(",") }
            write(member.name)
            raw(":")
            write(member.value)
        }
        raw("}")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20:
            raw("\\u00")
            bytes.append(Self.hex[Int(byte >> 4)])
            bytes.append(Self.hex[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)
}
