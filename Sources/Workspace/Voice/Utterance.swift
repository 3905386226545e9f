extension Voice {
    /// What was heard, word by word.
    package struct Utterance: Sendable {
        struct Word: Sendable {
            /// In small letters, without what is no letter or digit around it.
            let plain: String
            let range: Range<String.Index>
        }

        package let text: String
        let words: [Word]

        package init(_ text: String) {
            self.text = text
            words = Self.ranges(of: text).map { Word(plain: Self.plain(text[$0]), range: $0) }
        }

        var plain: [String] { words.map(\.plain) }

        /// The words as they were written, from the first to the last of `span`.
        func said(_ span: Range<Int>) -> String {
            guard let first = span.first, let last = span.last else { return "" }
            return String(text[words[first].range.lowerBound..<words[last].range.upperBound])
        }

        private static func ranges(of text: String) -> [Range<String.Index>] {
            var (ranges, start): ([Range<String.Index>], String.Index?) = ([], nil)
            for index in text.indices {
                if isInner(index, of: text) {
                    start = start ?? index
                } else if let begin = start {
                    ranges.append(begin..<index)
                    start = nil
                }
            }
            return start.map { ranges + [$0..<text.endIndex] } ?? ranges
        }

        /// True for what belongs to a word: `don't`, `5:30`, `2026-11-24`, and the stop in `p.m`.
        private static func isInner(_ index: String.Index, of text: String) -> Bool {
            if text[index].isLetter || text[index].isNumber { return true }
            guard index > text.startIndex, text.index(after: index) < text.endIndex else { return false }
            let (left, right) = (text[text.index(before: index)], text[text.index(after: index)])
            switch text[index] {
            case "'", "’": return left.isLetter && right.isLetter
            case ":", ",", "-", "/": return left.isNumber && right.isNumber
            case ".": return left.isNumber && right.isNumber || right == "m" && (left == "p" || left == "a")
            default: return false
            }
        }

        static func plain(_ word: some StringProtocol) -> String {
            let letters = word.lowercased().filter { $0 != "'" && $0 != "’" }
            return letters == "a.m" || letters == "p.m" ? letters.filter { $0 != "." } : letters
        }
    }

    /// Languages whose numbers, days and times are understood.
    package enum Language: String, Sendable, Hashable, CaseIterable {
        case english = "en"
        case german = "de"

        /// The language of a BCP 47 tag; nil for others.
        package init?(tag: String) {
            let base = tag.split(separator: "-").first.map { $0.lowercased() } ?? ""
            // Some servers name languages by their English names.
            self.init(rawValue: ["english": "en", "german": "de"][base] ?? base)
        }

        /// True for a tag of BCP 47: parts of letters and digits with hyphens between them.
        package static func isTag(_ text: String) -> Bool {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = parts.first, (2...8).contains(first.utf8.count), text.utf8.count <= 35,
                first.utf8.allSatisfy({ (97...122).contains($0 | 0x20) })
            else { return false }
            return parts.allSatisfy { part in
                (1...8).contains(part.utf8.count)
                    && part.utf8.allSatisfy { (97...122).contains($0 | 0x20) || (48...57).contains($0) }
            }
        }

        /// Words that change nothing.
        var fillers: Set<String> {
            switch self {
            case .english:
                ["a", "an", "the", "please", "to", "my", "me", "uh", "um", "called", "named", "that"]
            case .german:
                ["ein", "eine", "einen", "der", "die", "das", "den", "bitte", "mir", "mal", "äh", "namens"]
            }
        }

        /// What may stand before the name that is called.
        static let calls: Set<String> = ["hey", "hi", "ok", "okay", "hello", "hallo"]
    }
}
