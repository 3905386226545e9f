import Core

/// Finds the people that a text mentions, by `@e-mail`, `@name` or `@NameWithoutSpaces`.
package enum Mentions {
    /// People that one text can mention; later ones are not told.
    package static let most = 50

    /// Somebody who can be mentioned.
    package struct Person: Sendable {
        package let id: ID
        let handles: [String]

        package init(id: ID, email: String, name: String) {
            self.id = id
            let name = name.lowercased()
            handles = [email.lowercased(), name, name.filter { !$0.isWhitespace }].filter { !$0.isEmpty }
        }
    }

    /// The people mentioned, in the order of the text; where several handles fit, the longest is meant, and
    /// where two people share it, both.
    package static func find(in text: String, among people: [Person]) -> [ID] {
        let text = Array(text.lowercased())
        var found: [ID] = []
        for (index, character) in text.enumerated() where character == "@" {
            guard index == 0 || !isPart(text[index - 1]) else { continue }
            for id in mentioned(text[(index + 1)...], people) where !found.contains(id) {
                found.append(id)
                if found.count == most { return found }
            }
        }
        return found
    }

    private static func mentioned(_ rest: ArraySlice<Character>, _ people: [Person]) -> [ID] {
        let fits = people.compactMap { person -> (id: ID, length: Int)? in
            person.handles.filter { begins(rest, with: Array($0)) }.map(\.count).max().map { (person.id, $0) }
        }
        let longest = fits.map(\.length).max()
        return fits.filter { $0.length == longest }.map(\.id)
    }

    /// True when the word after the handle is over, so that `@ann` is not found in `@annabel`.
    private static func begins(_ text: ArraySlice<Character>, with handle: [Character]) -> Bool {
        guard text.starts(with: handle) else { return false }
        return text.dropFirst(handle.count).first.map { !isPart($0) } ?? true
    }

    private static func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber }
}
