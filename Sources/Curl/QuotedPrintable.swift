/// The encoding of text in a mail that keeps it readable and every line within 76 characters (RFC 2045).
struct QuotedPrintable {
    private static let line = 76
    private static let digits = Array("0123456789ABCDEF".utf8)

    private var encoded: [UInt8] = []
    private var column = 0

    /// `text` with its line ends, of any kind, as CR LF.
    static func encode(_ text: String) -> [UInt8] {
        var encoder = Self()
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        for (index, line) in lines.enumerated() {
            if index > 0 { encoder.breakLine() }
            encoder.append(Array(line.utf8))
        }
        return encoder.encoded
    }

    private mutating func append(_ line: [UInt8]) {
        for (index, byte) in line.enumerated() {
            let isBlank = byte == 0x20 || byte == 0x09
            let isLast = index == line.count - 1
            // Blanks at the end of a line do not survive every relay.
            let isPlain = isBlank ? !isLast : (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
            let width = isPlain ? 1 : 3
            // The last place of a full line belongs to the "=" that joins it to the next.
            if column + width > Self.line - (isLast ? 0 : 1) { join() }
            if isPlain {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "="), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            }
            column += width
        }
    }

    private mutating func join() {
        encoded.append(UInt8(ascii: "="))
        breakLine()
    }

    private mutating func breakLine() {
        encoded += [0x0D, 0x0A]
        column = 0
    }
}
