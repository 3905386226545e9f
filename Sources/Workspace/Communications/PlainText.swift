/// Makes the plain text that goes along with HTML, for those who read no HTML.
package enum PlainText {
    private static let breaks: Set<String> = [
        "br", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3", "/h4", "/table", "/ul", "/ol", "hr",
    ]
    private static let silent: Set<String> = ["script", "style", "head", "title"]
    private static let entities = [
        "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&apos;": "'", "&nbsp;": " ", "&amp;": "&",
    ]

    /// The words of the HTML, with line breaks where its blocks end.
    package static func of(html: String) -> String {
        var (text, rest) = ("", html[...])
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            rest = rest[start...]
            guard let end = rest.firstIndex(of: ">") else { break }
            let name = rest[rest.index(after: start)..<end].prefix { !$0.isWhitespace }.lowercased()
            rest = rest[rest.index(after: end)...]
            if breaks.contains(name.hasSuffix("/") ? String(name.dropLast()) : name) { text += "\n" }
            if silent.contains(name) { rest = rest[(closing(of: name, in: rest) ?? rest.endIndex)...] }
        }
        return tidy(decoded(text + (rest.first == "<" ? "" : rest)))
    }

    /// Where the element ends whose text is none.
    private static func closing(of name: String, in rest: Substring) -> Substring.Index? {
        rest.indices.first { index in
            rest[index] == "<" && rest[index...].prefix(name.count + 2).lowercased() == "</\(name)"
        }
    }

    private static func decoded(_ text: String) -> String {
        // The ampersand comes last, so that what it was the escape of is not decoded twice.
        let plain = entities.filter { $0.key != "&amp;" }.reduce(text) {
            $0.replacing($1.key, with: $1.value)
        }
        return plain.replacing("&amp;", with: "&")
    }

    /// Without white space around lines, and with one empty line at most between two.
    private static func tidy(_ text: String) -> String {
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if !words.isEmpty || lines.last?.isEmpty == false { lines.append(words[...]) }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }
}
