extension Voice {
    /// Reads numbers as they are spoken.
    enum Numbers {
        /// The number that these words are; nil where they are none.
        static func read(_ words: [String], _ language: Language?) -> Double? {
            guard (1...12).contains(words.count) else { return nil }
            if words.count == 1, let number = digits(words[0]) { return number }
            switch language {
            case .english: return english(words)
            case .german: return german(words)
            case nil: return nil
            }
        }

        /// `12`, `3.5`, `3,5` and the ordinals `3rd` and `12th`; not so large that digits get lost.
        static func digits(_ word: String) -> Double? {
            let ends = ["st", "nd", "rd", "th"]
            let isOrdinal = ends.contains { word.hasSuffix($0) } && word.first?.isNumber == true
            let text = (isOrdinal ? String(word.dropLast(2)) : word).replacing(",", with: ".")
            guard text.utf8.count <= 15, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }) else {
                return nil
            }
            return Double(text)
        }

        private static func english(_ words: [String]) -> Double? {
            if words[0] == "minus" { return english(Array(words.dropFirst())).map { -$0 } }
            if let point = words.firstIndex(of: "point") {
                let tail = words[(point + 1)...].compactMap { Words.english[$0] ?? Words.digit($0) }
                guard tail.count == words.count - point - 1, !tail.isEmpty, tail.allSatisfy({ $0 < 10 }),
                    let whole = point == 0 ? 0 : english(Array(words[..<point]))
                else { return nil }
                return Double("\(Int(whole)).\(tail.map(String.init).joined())")
            }
            return whole(words)
        }

        private static func whole(_ words: [String]) -> Double? {
            var (total, part, last) = (0, 0, Int.max)
            guard !words.isEmpty else { return nil }
            for word in words where word != "and" || words.count == 1 {
                if word == "hundred", part < 10 {
                    part = max(part, 1) * 100
                } else if let scale = ["thousand": 1_000, "million": 1_000_000][word], scale < last {
                    (total, part, last) = (total + max(part, 1) * scale, 0, scale)
                } else if let value = Words.english[word], fits(value, after: part) {
                    part += value
                } else {
                    return nil
                }
            }
            return Double(total + part)
        }

        /// `twenty` and then `one`, but not `one` and then `two`.
        private static func fits(_ value: Int, after part: Int) -> Bool {
            let rest = part % 100
            return rest == 0 || rest >= 20 && rest % 10 == 0 && (1..<10).contains(value)
        }

        private static func german(_ words: [String]) -> Double? {
            if words[0] == "minus" { return german(Array(words.dropFirst())).map { -$0 } }
            if let point = words.firstIndex(of: "komma") {
                let tail = words[(point + 1)...].compactMap { Words.german[$0] ?? Words.digit($0) }
                guard tail.count == words.count - point - 1, !tail.isEmpty, tail.allSatisfy({ $0 < 10 }),
                    let whole = compound(words[..<point].joined())
                else { return nil }
                return Double("\(whole).\(tail.map(String.init).joined())")
            }
            return compound(words.joined()).map(Double.init)
        }

        /// `zweitausenddreihundertfünfundzwanzig`
        private static func compound(_ word: String) -> Int? {
            if let known = Words.german[word] ?? Words.digit(word) { return known }
            for (mark, scale) in [("tausend", 1_000), ("hundert", 100)] {
                guard let place = word.firstRange(of: mark) else { continue }
                let (left, right) = (word[..<place.lowerBound], word[place.upperBound...])
                guard let count = left.isEmpty ? 1 : compound(String(left)), count < 1_000,
                    let rest = right.isEmpty ? 0 : compound(String(right)), rest < scale
                else { return nil }
                return count * scale + rest
            }
            guard let place = word.firstRange(of: "und"),
                let ones = Words.german[String(word[..<place.lowerBound])],
                let tens = Words.german[String(word[place.upperBound...])], ones < 10, tens >= 20
            else { return nil }
            return tens + ones
        }
    }

    /// The words that numbers are made of.
    enum Words {
        static func digit(_ word: String) -> Int? { word.utf8.count <= 9 ? Int(word) : nil }

        static let english = numbered(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
                + "sixteen seventeen eighteen nineteen",
            tens: "twenty thirty forty fifty sixty seventy eighty ninety")

        static let german = numbered(
            "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
                + "sechzehn siebzehn achtzehn neunzehn",
            tens: "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
        ).merging(["ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "zwo": 2]) { first, _ in first }

        private static func numbered(_ ones: String, tens: String) -> [String: Int] {
            var numbers: [String: Int] = [:]
            for (value, word) in ones.split(separator: " ").enumerated() { numbers[String(word)] = value }
            for (value, word) in tens.split(separator: " ").enumerated() {
                numbers[String(word)] = (value + 2) * 10
            }
            return numbers
        }
    }
}
