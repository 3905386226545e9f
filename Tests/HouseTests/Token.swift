/// A piece of a Swift file: as much of the language's grammar as the laws need.
struct Token: Sendable {
    /// What a piece is: a word, a single mark such as a brace, the inside of a string literal, or a comment.
    enum Kind: Sendable {
        case word, mark, text, comment
    }

    let kind: Kind
    let text: String
    let line: Int
    /// True when only spaces stand before it on its line.
    let opensLine: Bool

    func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }
    func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// Cuts Swift source into tokens; strings and comments become one token each, so that no law trips over their
/// words.
struct Lexer {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var isLineOpen = true
    private var tokens: [Token] = []

    static func tokens(of bytes: [UInt8]) -> [Token] {
        var lexer = Lexer(bytes: bytes)
        lexer.readCode(untilParenthesis: false)
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private static let isWordByte: [Bool] = (0...255).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 128...255:
            true
        default: false
        }
    }

    private func byte(_ offset: Int = 0) -> UInt8 { at + offset < bytes.count ? bytes[at + offset] : 0 }

    private mutating func add(_ kind: Token.Kind, from start: Int, to end: Int, line startLine: Int) {
        add(kind, String(decoding: bytes[start..<end], as: UTF8.self), line: startLine)
    }

    private mutating func add(_ kind: Token.Kind, _ text: String, line startLine: Int) {
        tokens.append(Token(kind: kind, text: text, line: startLine, opensLine: isLineOpen))
        isLineOpen = false
    }

    /// Reads code; inside an interpolation up to the parenthesis that closes it.
    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\n"): newLine()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): at += 1
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): readLineComment()
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): readBlockComment()
            case UInt8(ascii: "\""): readString(hashes: 0)
            case UInt8(ascii: "#") where hashesBeforeQuote > 0: readString(hashes: hashesBeforeQuote)
            case UInt8(ascii: "`"): readQuotedName()
            case let first where Self.isWordByte[Int(first)]: readWord()
            case let mark:
                if mark == UInt8(ascii: "(") { depth += 1 }
                if mark == UInt8(ascii: ")") { depth -= 1 }
                if untilParenthesis, depth < 0 { return at += 1 }
                add(.mark, from: at, to: at + 1, line: line)
                at += 1
            }
        }
    }

    private mutating func newLine() {
        (at, line, isLineOpen) = (at + 1, line + 1, true)
    }

    private mutating func readWord() {
        let start = at
        while at < bytes.count, Self.isWordByte[Int(bytes[at])] { at += 1 }
        add(.word, from: start, to: at, line: line)
    }

    private mutating func readQuotedName() {
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "`"), bytes[at] != UInt8(ascii: "\n") { at += 1 }
        at = min(at + 1, bytes.count)
        add(.word, from: start, to: at, line: line)
    }

    private mutating func readLineComment() {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        add(.comment, from: start, to: at, line: line)
    }

    private mutating func readBlockComment() {
        let (start, startLine) = (at, line)
        at += 2
        while at < bytes.count, !(bytes[at] == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
            if bytes[at] == UInt8(ascii: "\n") { line += 1 }
            at += 1
        }
        at = min(at + 2, bytes.count)
        add(.comment, from: start, to: at, line: startLine)
    }
}

extension Lexer {
    /// How many `#` stand here before a quote; 0 when no raw string begins here.
    private var hashesBeforeQuote: Int {
        var count = 0
        while byte(count) == UInt8(ascii: "#") { count += 1 }
        return byte(count) == UInt8(ascii: "\"") ? count : 0
    }

    /// Reads a literal; its token holds what is between the quotes, with `\()` where something is
    /// interpolated.
    private mutating func readString(hashes: Int) {
        let startLine = line
        at += hashes
        let isLong = byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"")
        at += isLong ? 3 : 1
        var inside: [UInt8] = []
        while at < bytes.count, !closes(isLong, hashes) {
            if bytes[at] == UInt8(ascii: "\n") {
                // A plain literal ends with its line; reading on would swallow the rest of the file.
                guard isLong else { break }
                line += 1
            }
            if bytes[at] == UInt8(ascii: "\\"), isFollowed(byHashes: hashes, at: 1) {
                inside.append(bytes[at])
                at += 1 + hashes
                let escaped = byte()
                if escaped == UInt8(ascii: "\n") { line += 1 }
                at += 1
                if escaped == UInt8(ascii: "(") {
                    readCode(untilParenthesis: true)
                    inside.append(contentsOf: Array("()".utf8))
                } else {
                    inside.append(escaped)
                }
            } else {
                inside.append(bytes[at])
                at += 1
            }
        }
        if byte() == UInt8(ascii: "\"") { at += (isLong ? 3 : 1) + hashes }
        add(.text, String(decoding: inside, as: UTF8.self), line: startLine)
    }

    private func closes(_ isLong: Bool, _ hashes: Int) -> Bool {
        guard bytes[at] == UInt8(ascii: "\"") else { return false }
        guard isLong else { return isFollowed(byHashes: hashes, at: 1) }
        return byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"")
            && isFollowed(byHashes: hashes, at: 3)
    }

    private func isFollowed(byHashes hashes: Int, at offset: Int) -> Bool {
        (0..<hashes).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
    }
}
