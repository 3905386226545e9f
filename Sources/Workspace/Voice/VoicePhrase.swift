import Core

extension Voice {
    /// A part of a command that the speaker fills.
    package struct Parameter: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            case text, number, date, time, user
        }

        package let name: String
        package let kind: Kind

        package init(_ name: String, _ kind: Kind = .text) {
            self.name = name
            self.kind = kind
        }
    }

    /// What is said for a command: words, and places in braces that stand for parameters, such as
    /// `create task {title} due {day}`. Parameters without a place follow at the end.
    package struct Phrase: Sendable, Hashable {
        enum Piece: Sendable, Hashable {
            case word(String)
            case place(Parameter)
        }

        let pieces: [Piece]

        package init(_ text: String, _ parameters: [Parameter] = []) {
            var (pieces, named): ([Piece], Set<String>) = ([], [])
            for (index, part) in text.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
                let halves = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
                if index > 0, halves.count == 2 {
                    let name = String(halves[0])
                    named.insert(name)
                    pieces.append(.place(parameters.first { $0.name == name } ?? Parameter(name)))
                }
                pieces += Utterance(String(halves[halves.count - 1])).plain.map { .word($0) }
            }
            self.pieces = pieces + parameters.filter { !named.contains($0.name) }.map { .place($0) }
        }

        /// The words before its first place.
        package var opening: [String] {
            pieces.prefix { if case .word = $0 { true } else { false } }
                .compactMap { if case .word(let word) = $0 { word } else { nil } }
        }

        var literals: [String] {
            pieces.compactMap { if case .word(let word) = $0 { word } else { nil } }
        }
    }

    /// Something that may be said, and what is done then.
    package struct Command: Sendable, Hashable {
        /// The row; nil for a command that is there without being registered.
        package let id: ID?
        package let phrase: Phrase
        /// As it was written.
        package let said: String
        package let action: String
        package let language: String
        package var needsConfirmation = false
        package var wakeWord: String?

        package init(
            id: ID? = nil, _ said: String, _ parameters: [Parameter] = [], action: String,
            language: String = "en"
        ) {
            self.id = id
            self.said = said
            self.action = action
            self.language = language
            phrase = Phrase(said, parameters)
        }

        /// The command of a row.
        package init(_ item: Item) {
            let parameters = (item["parameters"].array ?? []).compactMap { json -> Parameter? in
                guard let name = json["name"]?.string else { return nil }
                return Parameter(name, json["type"]?.string.flatMap { Parameter.Kind(rawValue: $0) } ?? .text)
            }
            self.init(
                id: item.id, item["phrase"].string ?? "", parameters, action: item["action"].string ?? "",
                language: item["language"].string ?? "en")
            needsConfirmation = item.values.flag("needs_confirmation")
            wakeWord = item["wake_word"].string
        }
    }
}
