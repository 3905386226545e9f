extension Voice {
    /// How words sound, roughly, and how alike they are: for what was heard almost right.
    enum Sound {
        /// The sounds of a word. Vowels are all one, and so are sounds that are made in the same place, such
        /// as d and t: those are what is mistaken for each other. An exact key keeps d and t apart. Letters
        /// that are not Latin stand for themselves.
        static func key(_ word: String, isExact: Bool = false) -> [Unicode.Scalar] {
            var letters = word.lowercased().flatMap(plain)
            for (start, sound) in starts where letters.starts(with: start.unicodeScalars) {
                letters.replaceSubrange(..<start.utf8.count, with: sound.unicodeScalars)
            }
            if letters.count > 3, letters.last == "e" { letters.removeLast() }
            var (key, place): ([Unicode.Scalar], Int) = ([], 0)
            while place < letters.count {
                let rest = letters[place...]
                let pair = pairs.first { rest.starts(with: $0.0.unicodeScalars) }
                key += pair.map { Array($0.1.unicodeScalars) } ?? sound(of: rest, isExact).map { [$0] } ?? []
                place += pair?.0.utf8.count ?? 1
            }
            return single(key)
        }

        /// From 0 to 1, by the sounds and the letters of words that are said in one breath; 0 where their
        /// lengths alone keep them below what may be a guess.
        static func likeness(_ left: [String], _ right: [String]) -> Double {
            guard isComparable(left, right) else { return 0 }
            let (a, b) = (written(left), written(right))
            guard 2 * max(a.count, b.count) <= 5 * min(a.count, b.count) else { return 0 }
            return (share(joined(left), joined(right)) + share(a, b)) / 2
        }

        /// False for words of which one is so much longer that they are not worth a look at their letters. It
        /// counts bytes, of which a letter may have four, for these need not be walked through.
        static func isComparable(_ left: [String], _ right: [String]) -> Bool {
            let sizes = [left, right].map { words in words.reduce(0) { $0 + $1.utf8.count } }
            return max(sizes[0], sizes[1]) <= 10 * min(sizes[0], sizes[1])
        }

        /// True for what sounds exactly the same and is written much the same, such as `right the report` and
        /// `write the report`. Letters alone do not tell: the longer a title, the less one other word shows.
        static func isSame(_ left: [String], _ right: [String]) -> Bool {
            isAlike(left, right, by: 0.7) && joined(left, isExact: true) == joined(right, isExact: true)
        }

        /// True for what sounds the same, roughly, and has this share of letters in common.
        static func isAlike(_ left: [String], _ right: [String], by least: Double) -> Bool {
            isComparable(left, right) && joined(left) == joined(right)
                && share(written(left), written(right)) >= least
        }

        /// True for the same letters, wherever the words are parted, and for what sounds the same and is one
        /// letter off.
        static func isClose(_ left: [String], _ right: [String]) -> Bool {
            let letters = distance(written(left), written(right))
            return letters == 0 || letters == 1 && joined(left) == joined(right)
        }

        private static func joined(_ words: [String], isExact: Bool = false) -> [Unicode.Scalar] {
            single(words.flatMap { key($0, isExact: isExact) })
        }

        private static func written(_ words: [String]) -> [Unicode.Scalar] {
            words.flatMap { Array($0.unicodeScalars) }
        }

        private static func single(_ sounds: [Unicode.Scalar]) -> [Unicode.Scalar] {
            sounds.indices.filter { $0 == 0 || sounds[$0] != sounds[$0 - 1] }.map { sounds[$0] }
        }

        private static func share(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Double {
            1 - Double(distance(left, right)) / Double(max(1, left.count, right.count))
        }

        /// The letters to change, to leave out and to put in that make one of the other.
        private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
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
    private static let vowels = Set("aeiouy".unicodeScalars)

    /// Letters that are silent where a word begins.
    private static let starts = [("wr", "r"), ("kn", "n"), ("wh", "w")]

    private static let pairs = [
        ("sch", "x"), ("tch", "x"), ("igh", "a"), ("ph", "f"), ("gh", ""), ("ck", "k"), ("sh", "x"),
        ("ch", "x"), ("th", "t"), ("qu", "k"), ("ce", "sa"), ("ci", "sa"), ("cy", "sa"), ("x", "ks"),
    ]

    private static let spellings: [Unicode.Scalar: Unicode.Scalar] = ["c": "k", "q": "k", "z": "s"]

    private static let neighbours: [Unicode.Scalar: Unicode.Scalar] = [
        "b": "p", "d": "t", "g": "k", "j": "x", "v": "f",
    ]

    /// A Latin letter as it is in the alphabet of English, and any other as it is; nothing for marks.
    private static func plain(_ letter: Character) -> [Unicode.Scalar] {
        if letter == "ß" { return ["s", "s"] }
        guard letter.isLetter || letter.isNumber, let first = letter.unicodeScalars.first else { return [] }
        return first.isASCII ? [first] : base(of: first) ?? Array(letter.unicodeScalars)
    }

    /// The letters that a Latin one is named after, such as o of ö; nil for those of other scripts.
    private static func base(of letter: Unicode.Scalar) -> [Unicode.Scalar]? {
        let names = (letter.properties.name ?? "").split(separator: " ")
        guard names.count > 3, names[..<3] == ["LATIN", "SMALL", "LETTER"], names[3].utf8.count <= 2 else {
            return nil
        }
        return Array(names[3].lowercased().unicodeScalars)
    }

    /// What the first of these letters sounds like; nil where it is silent.
    private static func sound(of letters: ArraySlice<Unicode.Scalar>, _ isExact: Bool) -> Unicode.Scalar? {
        guard let letter = letters.first else { return nil }
        if vowels.contains(letter) { return "a" }
        if letter == "h" || letter == "w", letters.startIndex > 0 { return nil }
        return spellings[letter] ?? (isExact ? nil : neighbours[letter]) ?? letter
    }
}
