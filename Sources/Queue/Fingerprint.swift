import Core

/// What dead letters of the same trouble have in common: the job's name, the kind of the failure, and its
/// message without the parts that differ from one job to the next.
public struct Fingerprint: Sendable, Hashable {
    /// 16 hex digits.
    public let text: String
    /// The message with numbers, ids, quoted parts and addresses replaced.
    public let pattern: String

    /// Characters of a pattern; what follows in a long message tells jobs apart rather than troubles.
    static let lengthLimit = 300
    /// Characters of a message that are looked at.
    private static let messageLimit = 2_000

    public init(job: String, kind: String, message: String) {
        pattern = Self.pattern(of: message)
        // FNV-1a: the text only has to tell the troubles of one queue apart.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(job)\n\(kind)\n\(pattern)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        text = Hex.text(hash)
    }

    static func pattern(of message: String) -> String {
        let plain = withoutQuotes(Array(message.unicodeScalars.prefix(messageLimit)))
        let words = plain.split(whereSeparator: \.properties.isWhitespace).map { Word($0).pattern }
        return String(words.joined(separator: " ").prefix(lengthLimit))
    }

    private static let quotes: [Unicode.Scalar: Unicode.Scalar] = [
        "\"": "\"", "'": "'", "`": "`", "\u{201C}": "\u{201D}", "\u{2018}": "\u{2019}", "\u{AB}": "\u{BB}",
    ]

    /// The text with each quoted part, however many words it has, as one mark.
    private static func withoutQuotes(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var (plain, at): ([Unicode.Scalar], Int) = ([], 0)
        while at < text.count {
            let isInWord = at > 0 && text[at - 1].properties.isAlphabetic
            // An apostrophe stands within a word, a quotation mark before one.
            if !isInWord, let closing = quotes[text[at]],
                let end = text[(at + 1)...].firstIndex(of: closing)
            {
                plain += "<text>".unicodeScalars
                at = end + 1
            } else {
                plain.append(text[at])
                at += 1
            }
        }
        return plain
    }
}

/// One word of a message, for its pattern.
private struct Word {
    private let scalars: ArraySlice<Unicode.Scalar>

    init(_ scalars: ArraySlice<Unicode.Scalar>) { self.scalars = scalars }

    /// The word, or what kind of thing it names, with the punctuation around it.
    var pattern: String {
        let opening = scalars.prefix { Self.isPunctuation($0) }
        let body = scalars.dropFirst(opening.count)
        let closing = body.reversed().prefix { Self.isPunctuation($0) }.count
        let core = body.dropLast(closing)
        guard !core.isEmpty else { return Self.text(scalars) }
        return Self.text(opening) + kind(core) + Self.text(body.suffix(closing))
    }

    private func kind(_ core: ArraySlice<Unicode.Scalar>) -> String {
        let text = Self.text(core)
        if text.contains("://") || text.contains("@") || isHostAndPort(text) || isIPv6(text) {
            return "<address>"
        }
        if isID(text) { return "<id>" }
        return withoutNumbers(core)
    }

    private func isHostAndPort(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return false }
        return parts[1].allSatisfy(\.isNumber) && parts[0].contains { $0.isLetter || $0 == "." }
            && parts[0].allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
    }

    private func isIPv6(_ text: String) -> Bool {
        text.filter { $0 == ":" }.count >= 2 && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }

    /// A ULID, a UUID, or eight hex digits and more with a number among them.
    private func isID(_ text: String) -> Bool {
        if ID(text) != nil { return true }
        let bare = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text[...]
        let digits = bare.filter { $0 != "-" }
        guard digits.count >= 8 || bare.count < text.count, !digits.isEmpty else { return false }
        return digits.allSatisfy(\.isHexDigit) && digits.contains(where: \.isNumber)
            && digits.contains(where: \.isLetter)
            || bare.count < text.count && digits.allSatisfy(\.isHexDigit)
    }

    /// Each number as one mark, with its point, commas and sign.
    private func withoutNumbers(_ core: ArraySlice<Unicode.Scalar>) -> String {
        var (text, isInNumber) = ("", false)
        for (index, scalar) in zip(core.indices, core) {
            let isDigit = scalar.properties.numericType == .decimal
            let joins =
                isInNumber && (scalar == "." || scalar == ",") && index + 1 < core.endIndex
                && core[index + 1].properties.numericType == .decimal
            if isDigit, !isInNumber { text += "<number>" }
            if !isDigit, !joins { text.unicodeScalars.append(scalar) }
            isInNumber = isDigit || joins
        }
        return text
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        "()[]{}<>,;:.!?".unicodeScalars.contains(scalar)
    }
}
