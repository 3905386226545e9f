/// Takes the links and images out of what a language model says, so that reading it calls nobody.
///
/// It works on text that comes piece by piece and holds nothing back: what could begin a link, an image or a
/// tag is written so that no reader of Markdown or HTML sees one.
package struct SafeProse: Sendable {
    private var last: [Unicode.Scalar] = []

    package init() {}

    /// The whole of a text.
    package static func of(_ text: String) -> String {
        var prose = SafeProse()
        return prose.take(text)
    }

    /// The next piece.
    package mutating func take(_ piece: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in piece.unicodeScalars {
            out.append(contentsOf: written(scalar))
            if !Self.isIgnored(scalar) { last = last.suffix(3) + [scalar] }
        }
        return String(out)
    }

    private func written(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        let before = last.last
        switch scalar {
        case _ where Self.isIgnored(scalar): return []
        case "<": return ["‹"]
        // `//` begins an address, and some readers take a backslash for a slash.
        case "/", "\\": return before == "/" || before == "\\" ? [] : [scalar]
        case "(" where before == "]", ":" where before == "]", "[" where before == "]",
            "[" where before == "!":
            return [" ", scalar]
        // An entity could write any of these once more.
        case "#" where before == "&": return [" ", "#"]
        case "." where isWWW: return [" ", "."]
        default: return [scalar]
        }
    }

    private var isWWW: Bool {
        last.count >= 3 && last.suffix(3).allSatisfy { $0 == "w" || $0 == "W" }
    }

    /// Characters that are not seen and could stand between others to hide what they say, or that act on a
    /// terminal or on the direction of the text.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xE0000...0xE007F:
            true
        default: false
        }
    }
}
