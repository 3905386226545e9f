/// The names and words of law 5: what may not be called so, and what may be said in one file only.
enum Names {
    private static let drawers = ["Utils", "Utilities", "Helper", "Manager", "Common"]
    /// Written apart, so that this file does not speak of what it refuses.
    private static let postponements = ["TO" + "DO", "FIX" + "ME"]
    private static let crashes = ["try": "try!", "as": "as!"]
    private static let readers = ["getenv", "processInfo.environment", "EnvironmentVariablesProvider()"]

    static func faults(in source: Source) -> [String] {
        let everywhere = drawers(source) + postponed(source)
        guard source.isSwift || source.isLua else { return everywhere }
        let anyCode = everywhere + (source.isSwift ? crashes(source) + silences(source) : [])
        return source.stands(in: "Tests") ? anyCode : anyCode + keys(source) + environment(source)
    }

    private static func drawers(_ source: Source) -> [String] {
        let types = source.types.map { ("\(source.path) line \($0.line)", $0.name) }
        return ([(source.path, source.fileName)] + types).compactMap { place, name in
            guard let drawer = drawers.first(where: { name.contains($0) }) else { return nil }
            return "\(place): \(name) says \(drawer); name it after what it is or does."
        }
    }

    private static func postponed(_ source: Source) -> [String] {
        postponements.flatMap { word in
            source.lines(saying: word).map {
                "\(source.path) line \($0.line) says \(word); do it now or open an issue."
            }
        }
    }

    private static func crashes(_ source: Source) -> [String] {
        guard crashes.values.contains(where: source.says) else { return [] }
        let tokens = source.tokens()
        return zip(tokens, tokens.dropFirst()).compactMap { word, mark in
            guard word.kind == .word, let crash = crashes[word.text], mark.isMark("!") else { return nil }
            return "\(source.path) line \(word.line) says \(crash), which crashes instead of answering."
        }
    }

    private static func silences(_ source: Source) -> [String] {
        let suspects = source.lines(saying: "catch").filter { line, _ in
            let next = line < source.lineCount ? source.byte(line + 1, source.indent(of: line + 1)) : 0
            return next == UInt8(ascii: "}") || source.line(line).hasSuffix("}")
        }
        guard !suspects.isEmpty else { return [] }
        let tokens = source.tokens()
        return tokens.indices.filter { tokens[$0].isWord("catch") }.compactMap { index in
            guard let body = tokens[index...].firstIndex(where: { $0.isMark("{") }), body + 1 < tokens.count,
                tokens[body + 1].isMark("}")
            else { return nil }
            return
                "\(source.path) line \(tokens[index].line) catches an error and drops it; say why."
        }
    }

    /// A key is spelled with the queue's name in braces, or behind the prefix.
    private static func keys(_ source: Source) -> [String] {
        guard source.path != "Sources/Queue/Keys.swift", source.says(":{") || source.says("atom:") else {
            return []
        }
        let literals =
            source.isLua
            ? source.lines.enumerated().map { ($0.offset + 1, $0.element) }
            : source.tokens().filter { $0.kind == .text }.map { ($0.line, $0.text) }
        return literals.filter { isKey($0.1) }.map { line, _ in
            "\(source.path) line \(line) spells a Redis key; only Sources/Queue/Keys.swift does."
        }
    }

    private static func isKey(_ text: String) -> Bool {
        if text.hasPrefix("atom:"), let next = text.dropFirst(5).first,
            "abcdefghijklmnopqrstuvwxyz{\\".contains(next)
        {
            return true
        }
        // JSON has a quote before such a colon.
        guard let found = text.firstRange(of: ":{"), found.lowerBound > text.startIndex else { return false }
        return text[text.index(before: found.lowerBound)] != "\""
    }

    private static func environment(_ source: Source) -> [String] {
        guard source.path != "Sources/atom/Settings.swift" else { return [] }
        guard readers.contains(where: source.says) else { return [] }
        let tokens = source.tokens()
        return tokens.indices.dropLast(2).compactMap { index in
            let words = tokens[index...(index + 2)].map { $0.kind == .text ? "" : $0.text }.joined()
            guard readers.contains(where: words.hasPrefix) else { return nil }
            return "\(source.path) line \(tokens[index].line) reads the environment; "
                + "only Sources/atom/Settings.swift does."
        }
    }

    /// The statuses of failures; those that a `Failure.Kind` is called too are left out.
    private static let statuses = [
        ".badRequest", ".notFound", ".unprocessableContent", ".unprocessableEntity", ".tooManyRequests",
        ".serviceUnavailable", ".internalServerError", ".contentTooLarge", ".unsupportedMediaType",
    ]

    /// The one law of names that needs more than one file: a failure becomes a status in one place.
    static func statuses(in house: House) -> [String] {
        let api = house.sources(in: "Sources/API")
        let speaking = api.filter { statuses.contains(where: $0.says) }.map(\.path)
        guard speaking.count > 1 else { return [] }
        return [
            "The HTTP status of a failure is made in one file; these speak of it: "
                + "\(speaking.joined(separator: ", "))."
        ]
    }
}
