/// Cuts a text into pieces that a channel takes, at lines, else at words, never within a character.
package struct Pieces: Sendable {
    private let most: Int

    /// - Parameter most: UTF-16 units that one piece may have, as channels count them.
    package init(most: Int) { self.most = most }

    /// The pieces in order, without white space at the cuts; none for a text of white space.
    package func of(_ text: String) -> [String] {
        var (pieces, rest) = ([String](), text[...])
        while rest.utf16.count > most {
            let end = cut(rest)
            add(rest[..<end], to: &pieces)
            rest = rest[end...].drop(while: \.isWhitespace)
        }
        add(rest, to: &pieces)
        return pieces
    }

    private func add(_ piece: Substring, to pieces: inout [String]) {
        var piece = piece
        while piece.last?.isWhitespace == true { piece.removeLast() }
        if !piece.isEmpty { pieces.append(String(piece)) }
    }

    /// Where the first piece of a text that is too long ends.
    private func cut(_ text: Substring) -> Substring.Index {
        var (units, line, word) = (0, text.startIndex, text.startIndex)
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            let character = text[index]
            // The white space at a cut is dropped, so it may lie beyond the limit.
            if character.isNewline, units * 2 >= most { line = index }
            if character.isWhitespace, units * 2 >= most { word = index }
            units += character.utf16.count
            guard units <= most else { break }
            index = next
        }
        if line > text.startIndex { return line }
        if word > text.startIndex { return word }
        return index > text.startIndex ? index : scalars(text)
    }

    /// A cut within a character that alone is longer than a piece, between two of its scalars.
    private func scalars(_ text: Substring) -> Substring.Index {
        var (units, index) = (0, text.startIndex)
        while index < text.endIndex {
            units += text.unicodeScalars[index].utf16.count
            guard units <= most else { break }
            index = text.unicodeScalars.index(after: index)
        }
        return index
    }
}
