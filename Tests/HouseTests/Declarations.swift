/// A type that a file declares.
struct TypeDeclaration: Sendable {
    let name: String
    let line: Int
    let isOffered: Bool
}

/// A function that a file declares; requirements of protocols, which have no body, aside.
struct FunctionDeclaration: Sendable {
    let name: String
    let line: Int
    let lines: Int
    let parameters: Int

    var isInitializer: Bool { name.hasPrefix("init") }
}

// swift format lays the code out, so that a declaration ends at the brace that stands under its beginning.
extension Source {
    var types: [TypeDeclaration] {
        guard isSwift else { return [] }
        return ["struct ", "class ", "enum ", "actor ", "protocol "].flatMap { kind in
            lines(saying: kind).compactMap { line, column in
                guard let head = head(line, column) else { return nil }
                let name = word(line, column + kind.utf8.count)
                guard !["func", "var", "let", "subscript", "init"].contains(name) else { return nil }
                let words = head.split(separator: " ")
                return TypeDeclaration(
                    name: name, line: line, isOffered: words.contains("public") || words.contains("package"))
            }
        }
    }

    var functions: [FunctionDeclaration] {
        guard isSwift else { return [] }
        return ["func ", "init(", "init?(", "init<"].flatMap { kind in
            lines(saying: kind).compactMap { line, column in
                guard head(line, column) != nil, let end = end(ofFunction: line) else { return nil }
                let isFunction = kind == "func "
                return FunctionDeclaration(
                    name: isFunction ? word(line, column + 5) : "init", line: line,
                    lines: end.body - line + 1,
                    parameters: isFunction ? parameters(line...end.head) : 0)
            }
        }
    }

    /// What the file imports, and in which line.
    var imports: [(module: String, line: Int)] {
        guard isSwift else { return [] }
        return lines(saying: "import ").compactMap { line, column in
            guard head(line, column) != nil else { return nil }
            let first = word(line, column + 7)
            let isPartial = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
                .contains(first)
            return (isPartial ? word(line, column + 8 + first.utf8.count) : first, line)
        }
    }

    /// What stands before a keyword, if it can be modifiers and attributes only.
    private func head(_ line: Int, _ column: Int) -> String? {
        guard column == 0 || byte(line, column - 1) == UInt8(ascii: " ") else { return nil }
        var isPlain = true
        for at in indent(of: line)..<max(indent(of: line), column) {
            let byte = byte(line, at) | 0x20
            isPlain =
                isPlain && (byte == 0x20 || (97...122).contains(byte) || byte == 0x28 || byte == 0x29)
        }
        let head = String(self.line(line).prefix(column))
        // An attribute such as `@Test(arguments: ...)` may hold anything; then only the lexer knows.
        guard isPlain || head.drop(while: { $0 == " " }).hasPrefix("@") else { return nil }
        if isPlain { return head }
        let before = Lexer.tokens(of: Array(head.utf8))
        guard let last = before.last else { return nil }
        let isOpenName = last.text.hasPrefix("`") && (last.text.count == 1 || !last.text.hasSuffix("`"))
        return last.isMark(")") || last.kind == .word && !isOpenName ? head : nil
    }

    private func word(_ line: Int, _ column: Int) -> String {
        let rest = self.line(line).dropFirst(column)
        if rest.hasPrefix("`") { return "`\(rest.dropFirst().prefix { $0 != "`" })`" }
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return String(word.isEmpty ? rest.prefix { $0 != "(" && $0 != " " } : word)
    }

    /// The last line of the signature and the last of the body; nil where there is no body.
    private func end(ofFunction line: Int) -> (head: Int, body: Int)? {
        let indent = indent(of: line)
        var head = line
        while !says(head, UInt8(ascii: "{")) {
            head += 1
            guard head <= lineCount, !isBlank(head) else { return nil }
            let first = byte(head, indent)
            let goesOn =
                self.indent(of: head) > indent || first == UInt8(ascii: ")") || first == UInt8(ascii: "{")
            if !goesOn { return nil }
        }
        if last(head) == UInt8(ascii: "}"), last(head) != UInt8(ascii: "{") { return (head, head) }
        var end = head + 1
        while end <= lineCount {
            if self.indent(of: end) == indent, byte(end, indent) == UInt8(ascii: "}") { return (head, end) }
            end += 1
        }
        return (head, lineCount)
    }

    private func says(_ line: Int, _ mark: UInt8) -> Bool {
        (0..<length(of: line)).contains { byte(line, $0) == mark }
    }

    private func last(_ line: Int) -> UInt8 { byte(line, length(of: line) - 1) }

    private func parameters(_ head: ClosedRange<Int>) -> Int {
        let commas = head.reduce(0) { sum, line in
            sum + (0..<length(of: line)).count { byte(line, $0) == UInt8(ascii: ",") }
        }
        // Four commas may stand inside of types and defaults; fewer are never too many.
        guard commas > 3 else { return commas + 1 }
        let tokens = tokens(head)
        guard let function = tokens.firstIndex(where: { $0.isWord("func") }),
            let opening = tokens[function...].firstIndex(where: { $0.isMark("(") })
        else { return 0 }
        return Self.arguments(tokens, from: opening)
    }

    /// The number of things between the parenthesis at `opening` and the one that closes it.
    private static func arguments(_ tokens: [Token], from opening: Int) -> Int {
        var (depth, commas) = (0, 0)
        for index in opening..<tokens.count where tokens[index].kind == .mark {
            switch tokens[index].text {
            case "(", "[", "{", "<": depth += 1
            case ">" where tokens[index - 1].isMark("-"): break
            case ")", "]", "}", ">": depth -= 1
            case "," where depth == 1: commas += 1
            default: break
            }
            if depth == 0 { return commas + 1 }
        }
        return commas + 1
    }
}
