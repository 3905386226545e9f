import Core

/// A text with places for values, such as `Hello {{name|there}}`, checked once and filled often.
///
/// Each value is escaped for the place at which it stands and is not looked at again, so that no value can
/// bring markup or another placeholder along.
package struct Template: Sendable {
    /// One place for a value.
    struct Place: Sendable {
        let name: String
        /// What stands there when no value is given.
        let fallback: String?
        let escape: Escape
    }

    private enum Piece: Sendable {
        case text(String)
        case place(Place)
    }

    /// Different variables that a text may have.
    package static let variablesLimit = 100
    /// Characters of one value.
    package static let valueLimit = 10_000

    private var pieces: [Piece] = []
    /// The variables, in the order in which they first stand.
    package private(set) var variables: [String] = []
    /// Those that have to be given.
    package private(set) var required: Set<String> = []

    /// - Parameter pointer: where the text stands in the request.
    /// - Throws: `Failure(.invalid)` for a placeholder that is none, or stands where no value is safe.
    package init(_ source: String, in language: Escape.Language, at pointer: String) throws(Failure) {
        var reader = Escape.Reader(language)
        var rest = source[...]
        while let start = rest.firstRange(of: "{{") {
            add(rest[..<start.lowerBound], &reader)
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else {
                throw Failure(.invalid, "A {{ has no }} behind it.", at: pointer)
            }
            try add(placeholder: rest[..<end.lowerBound], &reader, at: pointer)
            rest = rest[end.upperBound...]
        }
        add(rest, &reader)
    }

    private mutating func add(_ text: Substring, _ reader: inout Escape.Reader) {
        guard !text.isEmpty else { return }
        reader.read(text)
        pieces.append(.text(String(text)))
    }

    private mutating func add(
        placeholder: Substring, _ reader: inout Escape.Reader, at pointer: String
    ) throws(Failure) {
        let parts = placeholder.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].trimmed
        guard Self.isName(name) else {
            throw Failure(
                .invalid,
                "{{\(placeholder.prefix(40))}} is no placeholder: it needs a name of letters, digits and _.",
                at: pointer)
        }
        let place = Place(
            name: name, fallback: parts.count == 2 ? parts[1].trimmed : nil,
            escape: try reader.escape(of: name, at: pointer))
        pieces.append(.place(place))
        if !variables.contains(name) { variables.append(name) }
        if place.fallback == nil { required.insert(name) }
        guard variables.count <= Self.variablesLimit else {
            throw Failure(
                .invalid, "The text has more than \(Self.variablesLimit) variables.", at: pointer)
        }
    }

    /// The text with the values in their places. Throws `Failure(.invalid)` at the variable that is missing
    /// or that holds what its place cannot.
    package func filled(with values: [String: String]) throws(Failure) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let plain): text += plain
            case .place(let place):
                let pointer = "/variables/\(place.name)"
                guard let value = values[place.name] ?? place.fallback else {
                    throw Failure(.invalid, "The variable \(place.name) is missing.", at: pointer)
                }
                try Rule.text(value, 0...Self.valueLimit, at: pointer)
                text += try place.escape.apply(to: value, of: place.name)
            }
        }
        return text
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
        let isLetter = { (byte: UInt8) in (97...122).contains(byte | 32) || byte == 95 }
        return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
