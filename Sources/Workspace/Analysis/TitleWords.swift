import Foundation

/// A title as the set of words that carry its meaning: order, case, accents and plurals do not matter.
struct TitleWords: Sendable, Hashable {
    /// Sorted, each once; words that say nothing are left out.
    let words: [String]
    /// The words that are numbers: titles that differ in one mean different things.
    let numbers: [String]

    init(_ title: String) {
        let found = Self.split(title).filter { !Self.fillers.contains($0) }
        let all = Set(found.map(Self.singular)).sorted()
        words = all
        numbers = all.filter { $0.utf8.contains { (48...57).contains($0) } }
    }

    /// Whole words only: lower case, without accents.
    private static func split(_ title: String) -> [String] {
        let isPlain = title.utf8.allSatisfy { $0 < 0x80 }
        let folded =
            isPlain
            ? title : title.folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil)
        return folded.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Takes off an English plural ending, which is enough to make "crashes" meet "crash".
    private static func singular(_ word: String) -> String {
        guard word.utf8.count > 3, word.utf8.last == UInt8(ascii: "s"), !word.hasSuffix("ss") else {
            return word
        }
        let takesTwo = ["shes", "ches", "xes", "sses"].contains { word.hasSuffix($0) }
        return String(word.dropLast(takesTwo ? 2 : 1))
    }

    private static let fillers: Set<String> = [
        "a", "an", "and", "at", "by", "der", "die", "das", "for", "from", "in", "into", "is", "of", "on",
        "or",
        "our", "so", "that", "the", "to", "und", "up", "with",
    ]
}
