import Core

extension Voice {
    /// Somebody who may be named.
    package struct Person: Sendable, Hashable {
        package let id: ID
        package let name: String

        package init(_ id: ID, _ name: String) {
            self.id = id
            self.name = name
        }
    }

    /// What words are held against.
    package struct Surroundings: Sendable {
        package let today: CivilDay
        package let people: [Person]

        package init(today: CivilDay, people: [Person] = []) {
            self.today = today
            self.people = people
        }
    }

    /// A command that was heard, with what was said for its parameters.
    package struct Match: Sendable, Hashable {
        package let command: Command
        /// Texts as they were said, numbers, days as `2026-11-24`, times as `17:30`, and ids of users.
        package var parameters: [String: JSON]
        /// The higher, the more of the phrase was heard as it is written.
        let score: Int
        /// It only sounds like what was heard: nothing that changes something may be done by it unasked.
        package var isGuess = false

        init(command: Command, parameters: [String: JSON], score: Int) {
            self.command = command
            self.parameters = parameters
            self.score = score
        }
    }
}

extension Voice.Match {
    /// The parameter that is the text of a command: that of one of these names, else the first that is a text
    /// and no day or time.
    package func textName(_ names: [String]) -> String? {
        let members = parameters.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) }
        return Self.textName(names, among: members)
    }

    package static func textName(_ names: [String], among members: [JSON.Member]) -> String? {
        let texts = members.filter { $0.value.string != nil }
        let named = names.lazy.compactMap { name in texts.first { $0.name == name } }.first
        return (named ?? texts.first { !["due", "time", "date"].contains($0.name) })?.name
    }

    /// The command as it was understood.
    package var sentence: String {
        command.phrase.pieces.map { piece in
            switch piece {
            case .word(let word): word
            case .place(let parameter) where parameter.kind == .user: parameter.name
            case .place(let parameter):
                parameters[parameter.name].map { $0.string ?? $0.text } ?? parameter.name
            }
        }.joined(separator: " ")
    }
}

extension Voice.Command {
    /// The best of `commands` for what was said; of equally good ones the first. Where none fits, the one
    /// that sounds like it, if there is one. Nil for all else.
    package static func match(
        _ text: String, to commands: [Self], _ surroundings: Voice.Surroundings
    ) -> Voice.Match? {
        let utterance = Voice.Utterance(text)
        guard (1...Voice.Limits.words).contains(utterance.words.count) else { return nil }
        var best: Voice.Match?
        for command in commands {
            guard let match = command.match(utterance, surroundings), match.score > best?.score ?? 0 else {
                continue
            }
            best = match
        }
        return best ?? nearest(utterance, commands, surroundings)
    }

    private func match(_ utterance: Voice.Utterance, _ surroundings: Voice.Surroundings) -> Voice.Match? {
        guard !phrase.literals.isEmpty, let start = start(in: utterance) else { return nil }
        var search = Voice.Search(
            pieces: phrase.pieces, utterance: utterance, language: Voice.Language(tag: language),
            surroundings: surroundings)
        guard let found = search.walk(0, start) else { return nil }
        return Voice.Match(command: self, parameters: found.parameters, score: found.score)
    }

    /// Where the phrase may begin: behind the name that is called; nil where that is needed and was not said.
    func start(in utterance: Voice.Utterance) -> Int? {
        let (words, called) = (utterance.plain, Voice.Utterance(wakeWord ?? "atom").plain)
        let first = words.first.map { Voice.Likeness.isOne($0, of: Voice.Language.calls) } ?? false ? 1 : 0
        let end = first + called.count
        let isCalled = words.count > end && Voice.Likeness.isCalled(Array(words[first..<end]), called)
        return isCalled ? end : wakeWord == nil ? first : nil
    }
}

extension Voice {
    /// How alike words are.
    enum Likeness {
        /// True for a name, and for what sounds the same, such as `Adam` for `Atom`.
        static func isCalled(_ heard: [String], _ name: [String]) -> Bool {
            Sound.isAlike(heard, name, by: 0.5) || zip(heard, name).allSatisfy { isNear($0, $1) }
        }

        /// True for one of these short words. What is longer is not hashed, for it may be very long.
        static func isOne(_ word: String, of words: Set<String>) -> Bool {
            word.utf8.count <= 16 && words.contains(word)
        }

        /// True for the same word, and for longer ones that differ in one letter.
        static func isNear(_ left: String, _ right: String) -> Bool {
            if left == right { return true }
            guard Sound.isComparable([left], [right]) else { return false }
            guard min(left.count, right.count) >= 4, abs(left.count - right.count) <= 1 else { return false }
            let (short, long) =
                left.count <= right.count ? (Array(left), Array(right)) : (Array(right), Array(left))
            let same = zip(short, long).prefix { $0 == $1 }.count
            let behind = short.count == long.count ? same + 1 : same
            return short.dropFirst(behind).elementsEqual(long.dropFirst(same + 1))
        }
    }

    /// Looks for the pieces of a phrase in an utterance, the longest texts first.
    struct Search {
        struct Found {
            var parameters: [String: JSON] = [:]
            var score = 0
        }

        let pieces: [Phrase.Piece]
        let utterance: Utterance
        let language: Language?
        let surroundings: Surroundings
        /// Where the words end that may mean something.
        private let end: Int
        /// What is left of the work that one command is worth.
        private var steps = 5_000

        init(pieces: [Phrase.Piece], utterance: Utterance, language: Language?, surroundings: Surroundings) {
            self.pieces = pieces
            self.utterance = utterance
            self.language = language
            self.surroundings = surroundings
            let polite = utterance.words.reversed().prefix { Likeness.isOne($0.plain, of: Self.polite) }
            end = utterance.words.count - polite.count
        }

        private static let polite: Set<String> = ["please", "bitte", "thanks", "danke"]

        /// What stands from the word `place` on for the pieces from `piece` on.
        mutating func walk(_ piece: Int, _ place: Int) -> Found? {
            steps -= 1
            guard steps > 0 else { return nil }
            guard piece < pieces.count else { return place >= end ? Found() : nil }
            switch pieces[piece] {
            case .word(let word): return step(over: word, piece, place)
            case .place(let parameter): return fill(parameter, piece, place)
            }
        }

        private mutating func step(over word: String, _ piece: Int, _ place: Int) -> Found? {
            if place < end {
                let heard = utterance.words[place].plain
                if Likeness.isNear(word, heard), var found = walk(piece + 1, place + 1) {
                    found.score += word == heard ? 10 : 7
                    return found
                }
                if isFiller(heard), let found = walk(piece, place + 1) { return found }
            }
            return isFiller(word) ? walk(piece + 1, place) : nil
        }

        private func isFiller(_ word: String) -> Bool {
            language.map { Likeness.isOne(word, of: $0.fillers) } ?? false
        }

        private mutating func fill(_ parameter: Parameter, _ piece: Int, _ place: Int) -> Found? {
            guard place < end else { return nil }
            let most = parameter.kind == .text ? end : min(end, place + 8)
            for next in (place + 1...most).reversed() {
                guard steps > 0, let value = value(of: parameter.kind, place..<next),
                    var found = walk(piece + 1, next)
                else { continue }
                found.parameters[parameter.name] = value
                // What could be read as more than a text fits better.
                found.score += parameter.kind == .text ? 0 : 5
                return found
            }
            return nil
        }

        private func value(of kind: Parameter.Kind, _ span: Range<Int>) -> JSON? {
            let words = utterance.words[span].map(\.plain)
            switch kind {
            case .text: return text(span, words)
            case .number: return Numbers.read(words, language).map { JSON.double($0) }
            case .date:
                return Dates(today: surroundings.today, language: language).read(words).map {
                    .string($0.text)
                }
            case .time: return Times(language: language).read(words).map { .string(Self.clock($0)) }
            case .user: return person(words).map { JSON($0) }
            }
        }

        /// The words as said; a filler before them is none of theirs.
        private func text(_ span: Range<Int>, _ words: [String]) -> JSON? {
            guard words.count > 1, let first = words.first,
                ["called", "named", "namens", "that"].contains(first)
            else { return .string(utterance.said(span)) }
            return .string(utterance.said(span.lowerBound + 1..<span.upperBound))
        }

        private static func clock(_ minutes: Int) -> String {
            [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
        }

        /// The one person whose whole name this is, or whose name has these words; nil where there are two.
        private func person(_ words: [String]) -> ID? {
            let named = surroundings.people.map { ($0.id, Utterance($0.name).plain) }
            if let whole = named.first(where: { $0.1 == words }) { return whole.0 }
            let fitting = named.filter { _, name in
                words.allSatisfy { word in name.contains { Likeness.isNear($0, word) } }
            }
            return fitting.count == 1 ? fitting[0].0 : nil
        }
    }
}
