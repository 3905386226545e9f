extension Voice {
    /// How alike what was heard must be to what may be said, from 0 to 1, to be asked about.
    enum Guess {
        /// For the words that a command begins with.
        static let head = 0.8
        /// For the title of something that there is.
        static let title = 0.7
        /// How much better than what comes next.
        static let lead = 0.1
        /// Letters of a head: what is short sounds like too many things.
        static let letters = 6...80
    }
}

extension Voice.Command {
    /// The command whose first words sound like what was heard, if no other action is nearly as likely.
    static func nearest(
        _ utterance: Voice.Utterance, _ commands: [Self], _ surroundings: Voice.Surroundings
    ) -> Voice.Match? {
        let near = commands.flatMap { $0.heads(in: utterance) }.sorted { $0.likeness > $1.likeness }
        guard let top = near.first else { return nil }
        let rivals = near.filter { $0.command.action != top.command.action }
        guard rivals.allSatisfy({ $0.likeness <= top.likeness - Voice.Guess.lead }) else { return nil }
        for head in near where head.command.action == top.command.action {
            guard var match = head.command.match(utterance, surroundings, behind: head) else { continue }
            let heard = Array(utterance.plain[head.span])
            match.isGuess = !Voice.Sound.isClose(heard, head.command.phrase.opening)
            return match
        }
        return nil
    }

    /// Words of an utterance that may be meant for those that a command begins with.
    struct Head {
        let command: Voice.Command
        let span: Range<Int>
        let likeness: Double
    }

    /// With a word more or less than the phrase has, for words are heard as one or parted.
    private func heads(in utterance: Voice.Utterance) -> [Head] {
        let (opening, words) = (phrase.opening, utterance.plain)
        guard Voice.Guess.letters.contains(opening.reduce(0) { $0 + $1.count }),
            let start = start(in: utterance)
        else { return [] }
        return (max(1, opening.count - 1)...opening.count + 1).compactMap { count in
            guard start + count <= words.count else { return nil }
            let span = start..<start + count
            let likeness = Voice.Sound.likeness(Array(words[span]), opening)
            return likeness < Voice.Guess.head ? nil : Head(command: self, span: span, likeness: likeness)
        }
    }

    private func match(
        _ utterance: Voice.Utterance, _ surroundings: Voice.Surroundings, behind head: Head
    ) -> Voice.Match? {
        var search = Voice.Search(
            pieces: Array(phrase.pieces.dropFirst(phrase.opening.count)), utterance: utterance,
            language: Voice.Language(tag: language), surroundings: surroundings)
        guard let found = search.walk(0, head.span.upperBound) else { return nil }
        return Voice.Match(command: self, parameters: found.parameters, score: found.score)
    }
}
