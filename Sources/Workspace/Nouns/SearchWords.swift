import Foundation

/// The words of a text by which it is found: letters and digits without case and accents.
package enum SearchWords {
    /// The most words of one row that are kept; what comes later in the text is not found.
    package static let most = 200
    /// Characters of a word that count.
    static let longest = 40

    /// The different words of `texts`, in the order in which they stand.
    package static func of(_ texts: [String]) -> [String] {
        var (words, known): ([String], Set<String>) = ([], [])
        for text in texts {
            for word in split(text) where known.insert(word).inserted {
                words.append(word)
                if words.count == most { return words }
            }
        }
        return words
    }

    private static func split(_ text: String) -> [String] {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
            .split { !$0.isLetter && !$0.isNumber }.map { String($0.prefix(longest)) }
    }
}
