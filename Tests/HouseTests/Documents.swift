/// The documents of law 5: what a room offers is explained, and what can be set is shown.
enum Documents {
    static func faults(in source: Source) -> [String] {
        guard !source.stands(in: "Tests") else { return [] }
        // A type inside of another may be explained by its name and its place.
        let types = source.types.filter { $0.isOffered && source.indent(of: $0.line) == 0 }
        return types.filter { !source.isDocumented(line: $0.line) }.map {
            "\(source.path) line \($0.line): \($0.name) crosses rooms and no sentence says what it is for."
        }
    }

    /// What the command reads is what `.env.example` shows.
    static func settings(in house: House) -> [String] {
        let (code, example) = ("Sources/atom/Settings.swift", ".env.example")
        guard let reader = house[code], let shown = house[example] else {
            return [code, example].filter { house[$0] == nil }.map { "\($0) is missing." }
        }
        let read = Set(reader.tokens().filter { $0.kind == .text && isSetting($0.text) }.map(\.text))
        let told = Set(shown.lines.compactMap(setting))
        return read.subtracting(told).sorted().map { "\(code) reads \($0), and \(example) does not show it." }
            + told.subtracting(read).sorted().map { "\(example) shows \($0), and \(code) does not read it." }
    }

    /// The benchmark's own words, which it shares with the benchmarks of other queues, are no settings of
    /// Atom.
    private static func isSetting(_ text: String) -> Bool {
        text.contains("_") && !text.hasSuffix("_") && !text.hasPrefix("BENCH_")
            && text.first?.isUppercase == true
            && text.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
    }

    /// The name in a line `NAME=value`; a line that shows a default stands behind a `#`.
    private static func setting(_ line: String) -> String? {
        let text = line.drop { $0 == "#" || $0 == " " }
        guard let equals = text.firstIndex(of: "="), isSetting(String(text[..<equals])) else { return nil }
        return String(text[..<equals])
    }
}
