import Foundation

/// Text in a header: folded at spaces, or as RFC 2047 encoded words when it is not plain.
enum HeaderText {
    private static let line = 76
    private static let longestWord = 75
    private static let frame = "=?UTF-8?B??=".utf8.count

    /// True for text without control characters, line separators included: nothing that could end a header.
    static func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                && scalar.value != 0x2028 && scalar.value != 0x2029
        }
    }

    /// The header called `name` with free text, with its end of line.
    static func header(_ name: String, _ text: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let isPlain =
            text.utf8.allSatisfy { $0 < 0x7F } && !text.contains("=?")
            && words.allSatisfy { !$0.isEmpty && $0.utf8.count <= 900 }
        let value =
            isPlain ? folded(words, after: name.utf8.count + 2) : encoded(text, after: name.utf8.count + 2)
        return "\(name): \(value)\r\n"
    }

    private static func folded(_ words: [Substring], after used: Int) -> String {
        var text = ""
        var column = used
        for (index, word) in words.enumerated() {
            let breaks = index > 0 && column + 1 + word.utf8.count > line
            if index > 0 { text += breaks ? "\r\n " : " " }
            column = (breaks ? 0 : column) + 1 + word.utf8.count
            text += word
        }
        return text
    }

    /// Encoded words of at most 75 characters, cut between characters; the first one stands after `used`
    /// columns.
    static func encoded(_ text: String, after used: Int) -> String {
        var words: [String] = []
        var current: [UInt8] = []
        var room = bytes(in: line - used)
        for piece in pieces(of: text) {
            if current.count + piece.count > room, !current.isEmpty {
                words.append(word(current))
                (current, room) = ([], bytes(in: line - 1))
            }
            current += piece
        }
        if !current.isEmpty || words.isEmpty { words.append(word(current)) }
        return words.joined(separator: "\r\n ")
    }

    /// How many bytes fit into one encoded word of `columns`.
    private static func bytes(in columns: Int) -> Int { max(0, (min(columns, longestWord) - frame) / 4 * 3) }

    /// The characters as UTF-8; one that no encoded word could hold falls apart into its scalars.
    private static func pieces(of text: String) -> [[UInt8]] {
        text.flatMap { character -> [[UInt8]] in
            let whole = Array(character.utf8)
            return whole.count <= 24 ? [whole] : character.unicodeScalars.map { Array(String($0).utf8) }
        }
    }

    private static func word(_ bytes: [UInt8]) -> String {
        "=?UTF-8?B?\(Data(bytes).base64EncodedString())?="
    }
}
