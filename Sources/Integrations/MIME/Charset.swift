import Foundation

/// Reads bytes as text, by the name that a mail has for their encoding.
enum Charset {
    private static let known: [String: String.Encoding] = [
        "utf-8": .utf8, "utf8": .utf8, "us-ascii": .isoLatin1, "ascii": .isoLatin1, "iso-8859-1": .isoLatin1,
        "latin1": .isoLatin1, "windows-1252": .windowsCP1252, "cp1252": .windowsCP1252,
        "iso-8859-2": .isoLatin2, "windows-1250": .windowsCP1250, "windows-1251": .windowsCP1251,
        "utf-16": .utf16, "utf-16be": .utf16BigEndian, "utf-16le": .utf16LittleEndian,
    ]

    /// - Parameter name: nil where the mail does not say. What is unknown, or wrong, is read as it most
    /// likely is.
    static func text(of bytes: [UInt8], in name: String? = nil) -> String {
        let name = name?.lowercased().trimmingCharacters(in: .whitespaces) ?? "utf-8"
        if name == "iso-8859-15" { return latin9(bytes) }
        if let encoding = known[name], let text = String(bytes: bytes, encoding: encoding) { return text }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(bytes: bytes, encoding: .windowsCP1252) ?? String(bytes: bytes, encoding: .isoLatin1)
            ?? ""
    }

    /// ISO 8859-15, which differs from Latin 1 in eight places.
    private static func latin9(_ bytes: [UInt8]) -> String {
        let others: [UInt8: Unicode.Scalar] = [
            0xA4: "€", 0xA6: "Š", 0xA8: "š", 0xB4: "Ž", 0xB8: "ž", 0xBC: "Œ", 0xBD: "œ", 0xBE: "Ÿ",
        ]
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(others[byte] ?? Unicode.Scalar(byte)) }
        return String(text)
    }
}
