/// Writes bytes as text and reads them again: base 64 with padding (RFC 4648), strictly.
public enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each digit; what is none has its high bit set.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    private static let padding = UInt8(ascii: "=")

    /// The text, four characters for each three bytes.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let size = (bytes.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: size) { text, count in
            bytes.withUnsafeBufferPointer { source in
                digits.withUnsafeBufferPointer { encode(source, into: text, $0) }
            }
            count = size
        }
    }

    private static func encode(
        _ source: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>,
        _ digits: UnsafeBufferPointer<UInt8>
    ) {
        let whole = source.count / 3
        for group in 0..<whole {
            let (from, to) = (group &* 3, group &* 4)
            let bits = UInt32(source[from]) << 16 | UInt32(source[from &+ 1]) << 8 | UInt32(source[from &+ 2])
            text[to] = digits[Int(bits >> 18)]
            text[to &+ 1] = digits[Int(bits >> 12 & 63)]
            text[to &+ 2] = digits[Int(bits >> 6 & 63)]
            text[to &+ 3] = digits[Int(bits & 63)]
        }
        let rest = source.count - whole * 3
        guard rest > 0 else { return }
        let bits = UInt32(source[whole * 3]) << 16 | (rest == 2 ? UInt32(source[whole * 3 + 1]) << 8 : 0)
        text[whole * 4] = digits[Int(bits >> 18)]
        text[whole * 4 + 1] = digits[Int(bits >> 12 & 63)]
        text[whole * 4 + 2] = rest == 2 ? digits[Int(bits >> 6 & 63)] : padding
        text[whole * 4 + 3] = padding
    }

    /// The bytes that `text` writes; nil when a character is none of the alphabet, the padding is missing or
    /// bits are left over.
    public static func decode(_ text: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        let decoded = text.withContiguousStorageIfAvailable { decode(contiguous: $0) }
        return decoded ?? Array(text).withUnsafeBufferPointer { decode(contiguous: $0) }
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0, !text.isEmpty else { return text.isEmpty ? [] : nil }
        let pads = text[text.count - 1] != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let whole = text.count / 4 - (pads == 0 ? 0 : 1)
        var flaws: UInt8 = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { bytes, count in
            values.withUnsafeBufferPointer { flaws = decode(text, groups: whole, into: bytes, $0) }
            count = whole * 3
        }
        guard flaws & 0x80 == 0, pads == 0 || finish(&bytes, with: text.suffix(4), pads) else { return nil }
        return bytes
    }

    /// All values met, joined, so that one look at the end tells whether any character was wrong.
    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, groups: Int, into bytes: UnsafeMutableBufferPointer<UInt8>,
        _ values: UnsafeBufferPointer<UInt8>
    ) -> UInt8 {
        var flaws: UInt8 = 0
        for group in 0..<groups {
            let (from, to) = (group &* 4, group &* 3)
            let (first, second) = (values[Int(text[from])], values[Int(text[from &+ 1])])
            let (third, fourth) = (values[Int(text[from &+ 2])], values[Int(text[from &+ 3])])
            flaws |= first | second | third | fourth
            bytes[to] = first << 2 | second >> 4
            bytes[to &+ 1] = second << 4 | third >> 2
            bytes[to &+ 2] = third << 6 | fourth
        }
        return flaws
    }

    /// Adds the one or two bytes of a last group that is padded; false when it is wrong.
    private static func finish(_ bytes: inout [UInt8], with last: some Sequence<UInt8>, _ pads: Int) -> Bool {
        let sextets = last.prefix(4 - pads).map { values[Int($0)] }
        guard sextets.allSatisfy({ $0 < 64 }) else { return false }
        bytes.append(sextets[0] << 2 | sextets[1] >> 4)
        guard pads == 1 else { return sextets[1] & 0x0F == 0 }
        bytes.append(sextets[1] << 4 | sextets[2] >> 2)
        return sextets[2] & 0x03 == 0
    }
}
