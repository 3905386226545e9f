/// A 128-bit identifier whose text sorts by time: 48 bits of milliseconds, then 80 random bits.
///
/// The text is 26 characters of Crockford's base 32, as in the ULID specification.
public struct ID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    /// A new identifier. `milliseconds` since 1970 may be handed in, so that tests rule time.
    public init(milliseconds: Int64 = Moment.now.milliseconds) {
        var random = SystemRandomNumberGenerator()
        high = UInt64(truncatingIfNeeded: milliseconds) << 16 | (random.next() & 0xFFFF)
        low = random.next()
    }

    /// The identifier written as `text`, or nil when it is not one: 26 characters, at most 7ZZ…Z, any case.
    public init?(_ text: some StringProtocol) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            let digit = Self.values[Int(byte)]
            guard digit != 0xFF, count < 26, count > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
            count += 1
        }
        guard count == 26 else { return nil }
        self.high = high
        self.low = low
    }

    /// When it was made, in milliseconds since 1970.
    public var milliseconds: Int64 { Int64(high >> 16) }

    /// The 26 characters.
    public var text: String {
        String(unsafeUninitializedCapacity: 26) { buffer in
            var (high, low) = (high, low)
            for index in stride(from: 25, through: 0, by: -1) {
                buffer[index] = Self.digits[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return 26
        }
    }

    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() {
            values[Int(digit)] = UInt8(value)
            values[Int(digit | 0x20)] = UInt8(value)
        }
        return values
    }()
}

extension ID: CustomStringConvertible {
    public var description: String { text }
}

extension ID: Comparable {
    public static func < (left: ID, right: ID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is not an id")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
