extension Voice {
    /// The sentences that may be said, as a grammar of the Java Speech Grammar Format (JSGF 1.0), for
    /// recognizers that hear nothing else.
    package struct Grammar: Sendable {
        private let commands: [Command]
        private let language: Language
        private let people: [String]
        private let texts: [String]

        /// - Parameters:
        ///   - commands: those of other languages are left out.
        ///   - people: the names that may stand for a user.
        ///   - texts: what may stand where a parameter is a text, such as the titles of tasks: each as a
        ///     whole, and their words in any order.
        package init(
            _ commands: [Command], in language: Language, people: [String] = [], texts: [String] = []
        ) {
            self.commands = commands.filter { Language(tag: $0.language) == language }
            self.language = language
            self.people = people.map(Self.plain).filter { !$0.isEmpty }
            self.texts = texts.map(Self.plain).filter { !$0.isEmpty }
        }

        package var text: String {
            let sentences = commands.map(sentence).filter { !$0.isEmpty }
            var rules = [rule("command", sentences.isEmpty ? ["atom"] : unique(sentences), isPublic: true)]
            if !texts.isEmpty { rules.append(rule("title", unique(texts))) }
            rules += [rule("text", unique(texts) + ["<word>+"]), rule("word", vocabulary)]
            rules += [rule("user", people.isEmpty ? ["me"] : unique(people + firstNames))]
            rules += Spoken.rules(language).map { rule($0.name, $0.choices) }
            return "#JSGF V1.0;\ngrammar commands;\n" + rules.joined(separator: "\n") + "\n"
        }

        private func sentence(_ command: Command) -> String {
            let wake = command.wakeWord.map { Self.plain($0) } ?? "[atom]"
            let pieces = command.phrase.pieces.compactMap { piece -> String? in
                switch piece {
                case .word(let word): Self.plain(word)
                case .place(let parameter): "<\(rule(for: parameter, of: command))>"
                }
            }
            return ([wake] + pieces).filter { !$0.isEmpty }.joined(separator: " ")
        }

        /// What is said of a task that there is has its title, and no other words.
        private func rule(for parameter: Parameter, of command: Command) -> String {
            let isOfTask = Action(named: command.action)?.isOfTask ?? false
            return parameter.kind == .text && isOfTask && !texts.isEmpty ? "title" : parameter.kind.rawValue
        }

        private var vocabulary: [String] {
            let own = Set(texts.flatMap { $0.split(separator: " ").map(String.init) }).sorted()
            return own.isEmpty ? ["it"] : Array(own.prefix(Limits.vocabulary))
        }

        private var firstNames: [String] {
            people.compactMap { $0.split(separator: " ").first.map(String.init) }
        }

        private func unique(_ choices: [String]) -> [String] {
            var seen: Set<String> = []
            return choices.filter { seen.insert($0).inserted }
        }

        private func rule(_ name: String, _ choices: [String], isPublic: Bool = false) -> String {
            "\(isPublic ? "public " : "")<\(name)> = \(choices.joined(separator: " | "));"
        }

        /// The words of a text that can be spoken: nothing that the format gives a meaning.
        private static func plain(_ text: String) -> String {
            let words = Utterance(text).plain.map { $0.filter { $0.isLetter || $0 == "'" } }
            return words.filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// Numbers, days and times in a grammar.
    enum Spoken {
        static func rules(_ language: Language) -> [(name: String, choices: [String])] {
            let (isGerman, days) = (language == .german, Dates.Lexicon.of(language))
            let ones = isGerman ? Words.german : Words.english
            let numbers = ones.sorted { $0.key < $1.key }.map(\.key)
            let weekdays = days.weekdays.keys.sorted()
            let next = isGerman ? "nächsten" : "next"
            let times =
                isGerman
                ? ["um <number> uhr [<number>]", "um halb <number>"]
                : [
                    "[at] <number> [<number>] (am | pm)", "at <number> [<number>]", "[at] noon",
                    "[at] midnight",
                ]
            return [
                ("number", isGerman ? numbers : ["<digit> [<digit>]"]), ("digit", numbers),
                ("weekday", weekdays), ("time", times),
                (
                    "date",
                    days.days.keys.sorted() + ["[\(next)] <weekday>"]
                        + (isGerman ? ["in <number> tagen"] : ["in <number> days", "next week"])
                ),
            ]
        }
    }
}

extension Voice.Dates.Lexicon {
    static func of(_ language: Voice.Language) -> Self { language == .german ? .german : .english }
}
