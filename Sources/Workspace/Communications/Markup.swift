/// Follows HTML as it is read and knows where in it the next character stands.
struct Markup {
    private enum Place: Equatable {
        case content
        /// Within a tag, outside of quoted values.
        case tag
        /// Within a quoted value.
        case value(attribute: String)
        /// Where text is no text, until this ends it.
        case code(end: String)
    }

    private static let silent: Set<String> = ["script", "style", "textarea", "title", "xmp", "iframe"]
    private static let addresses: Set<String> = [
        "href", "src", "action", "formaction", "cite", "background", "poster", "data", "longdesc",
    ]

    private var place = Place.content
    private var quote: Unicode.Scalar = "\""
    /// The tag as far as it was read, or the end of a stretch of code.
    private var tag = ""
    /// The value as far as it was read.
    private var value = ""

    mutating func read(_ text: Substring) { for scalar in text.unicodeScalars { step(scalar) } }

    /// What a value that is put here needs; nil where none is safe.
    mutating func pass() -> Escape? {
        switch place {
        case .content: return .html
        case .tag, .code: return nil
        case .value(let attribute): return escape(in: attribute)
        }
    }

    private mutating func escape(in attribute: String) -> Escape? {
        guard !attribute.hasPrefix("on"), !["style", "srcdoc", "srcset"].contains(attribute) else {
            return nil
        }
        let before = value
        value += "\u{FFFC}"
        guard Self.addresses.contains(attribute) || attribute.hasSuffix(":href") else { return .html }
        if before.allSatisfy(\.isWhitespace) { return .address }
        // Only behind one of these it is certain that the value cannot change the scheme.
        return before.contains(where: { "/?#:".contains($0) }) ? .html : nil
    }

    private mutating func step(_ scalar: Unicode.Scalar) {
        switch place {
        case .content: if scalar == "<" { (place, tag) = (.tag, "") }
        case .tag: stepInTag(scalar)
        case .value: if scalar == quote { (place, tag) = (.tag, tag + " ") } else { value.append(scalar) }
        case .code(let end): stepInCode(scalar, end)
        }
    }

    private mutating func stepInTag(_ scalar: Unicode.Scalar) {
        let isTag = !tag.isEmpty || scalar.properties.isAlphabetic || "/!?".unicodeScalars.contains(scalar)
        guard isTag else { return place = scalar == "<" ? .tag : .content }
        if scalar == ">" { return endTag() }
        if scalar == "\"" || scalar == "'", let attribute = openAttribute {
            (place, quote, value) = (.value(attribute: attribute), scalar, "")
            return
        }
        tag.unicodeScalars.append(scalar)
        if tag == "!--" { (place, tag) = (.code(end: "-->"), "") }
    }

    /// The name of the attribute whose value begins now.
    private var openAttribute: String? {
        let words = tag.split { $0.isWhitespace || $0 == "/" || $0 == "=" }
        guard tag.last(where: { !$0.isWhitespace }) == "=" else { return nil }
        return words.last.map { $0.lowercased() }
    }

    private mutating func endTag() {
        let name = tag.prefix { !$0.isWhitespace && $0 != "/" }.lowercased()
        (place, tag) = (Self.silent.contains(name) ? .code(end: "</\(name)") : .content, "")
    }

    private mutating func stepInCode(_ scalar: Unicode.Scalar, _ end: String) {
        tag = String((tag + String(scalar).lowercased()).suffix(end.count))
        guard tag == end else { return }
        (place, tag) = end == "-->" ? (.content, "") : (.tag, String(end.dropFirst()))
    }
}

extension String {
    fileprivate mutating func append(_ scalar: Unicode.Scalar) { unicodeScalars.append(scalar) }
}
