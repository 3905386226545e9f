extension Voice {
    /// How words sound, roughly, and how alike they are: for what was heard almost right.
    enum Sound {
        /// The sounds of a word. Vowels are all one, and so are sounds that are made in the same place, such
        /// as d and t: those are what is mistaken for each other.
        static func key(_ word: String) -> [UInt8] {
            var letters = Array(word.lowercased().flatMap(plain))
            for (start, sound) in starts where letters.starts(with: start.utf8) {
                letters.replaceSubrange(..<start.utf8.count, with: sound.utf8)
            }
            if letters.count > 3, letters.last == UInt8(ascii: "e") { letters.removeLast() }
            var (key, place): ([UInt8], Int) = ([], 0)
            while place < letters.count {
                let rest = letters[place...]
                let pair = pairs.first { rest.starts(with: $0.0.utf8) }
                key += pair.map { Array($0.1.utf8) } ?? sound(of: rest).map { [$0] } ?? []
                place += pair?.0.utf8.count ?? 1
            }
            return single(key)
        }

        /// From 0 to 1, by the sounds and the letters of words that are said in one breath.
        static func likeness(_ left: [String], _ right: [String]) -> Double {
            (share(joined(left), joined(right)) + share(written(left), written(right))) / 2
        }

        /// True for what sounds the same and is not written too differently, such as `right` and `write`.
        static func isSame(_ left: [String], _ right: [String]) -> Bool {
            joined(left) == joined(right) && share(written(left), written(right)) >= 0.5
        }

        /// True for the same letters, wherever the words are parted, and for what sounds the same and is one
        /// letter off.
        static func isClose(_ left: [String], _ right: [String]) -> Bool {
            let letters = distance(written(left), written(right))
            return letters == 0 || letters == 1 && joined(left) == joined(right)
        }

        private static func joined(_ words: [String]) -> [UInt8] { single(words.flatMap(key)) }

        private static func written(_ words: [String]) -> [UInt8] { words.flatMap { Array($0.utf8) } }

        private static func single(_ sounds: [UInt8]) -> [UInt8] {
            sounds.indices.filter { $0 == 0 || sounds[$0] != sounds[$0 - 1] }.map { sounds[$0] }
        }

        private static func share(_ left: [UInt8], _ right: [UInt8]) -> Double {
            1 - Double(distance(left, right)) / Double(max(1, left.count, right.count))
        }

        /// The letters to change, to leave out and to put in that make one of the other.
        private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
            var row = Array(0...right.count)
            for (i, a) in left.enumerated() {
                var corner = row[0]
                row[0] = i + 1
                for (j, b) in right.enumerated() {
                    let change = corner + (a == b ? 0 : 1)
                    corner = row[j + 1]
                    row[j + 1] = min(change, corner + 1, row[j] + 1)
                }
            }
            return row[right.count]
        }
    }
}

extension Voice.Sound {
    private static let vowels = Set("aeiouy".utf8)

    /// Letters that are silent where a word begins.
    private static let starts = [("wr", "r"), ("kn", "n"), ("wh", "w")]

    private static let pairs = [
        ("sch", "x"), ("tch", "x"), ("igh", "a"), ("ph", "f"), ("gh", ""), ("ck", "k"), ("sh", "x"),
        ("ch", "x"), ("th", "t"), ("qu", "k"), ("ce", "sa"), ("ci", "sa"), ("cy", "sa"), ("x", "ks"),
    ]

    private static let same = Dictionary(
        uniqueKeysWithValues: zip("bcdgjqvz".utf8, "pktkxkfs".utf8))

    /// The letter itself in the alphabet of English; nothing for marks.
    private static func plain(_ letter: Character) -> [UInt8] {
        if letter == "ß" { return Array("ss".utf8) }
        guard let byte = letter.asciiValue else { return letter.isLetter ? [UInt8(ascii: "a")] : [] }
        return letter.isLetter || letter.isNumber ? [byte] : []
    }

    /// What the first of these letters sounds like; nil where it is silent.
    private static func sound(of letters: ArraySlice<UInt8>) -> UInt8? {
        guard let letter = letters.first else { return nil }
        if vowels.contains(letter) { return UInt8(ascii: "a") }
        let isSilent = "hw".utf8.contains(letter) && letters.startIndex > 0
        return isSilent ? nil : same[letter] ?? letter
    }
}
