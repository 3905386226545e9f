extension Base64 {
    /// The bytes as a text for URLs: base 64 with `-` and `_` and without padding (RFC 4648, section 5).
    public static func urlText(_ bytes: [UInt8]) -> String {
        let text = encode(bytes).lazy.filter { $0 != UInt8(ascii: "=") }.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` writes in that form; nil for any other, padding included.
    public static func bytes(urlText text: some StringProtocol) -> [UInt8]? {
        var plain: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): plain.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): plain.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: plain.append(byte)
            }
        }
        return decode(plain + [UInt8](repeating: UInt8(ascii: "="), count: (4 - plain.count % 4) % 4))
    }
}
