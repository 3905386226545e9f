import Core

/// Holds a value against a JSON Schema: the part of it that the forms of this program use (types, enums,
/// properties, items, and bounds of length and size).
package struct SchemaCheck: Sendable {
    /// How deep a value is looked at.
    static let deepest = 20

    private let schema: JSON

    package init(_ schema: JSON) { self.schema = schema }

    /// The first thing that does not hold, in words with the place; nil when all does.
    package func complaint(about value: JSON) -> String? { check(value, schema, at: "", depth: 0) }

    private func check(_ value: JSON, _ schema: JSON, at place: String, depth: Int) -> String? {
        let name = place.isEmpty ? "the value" : place
        guard depth <= Self.deepest else { return "\(name) is nested too deeply" }
        if let options = schema["oneOf"]?.array ?? schema["anyOf"]?.array {
            let fits = options.contains { check(value, $0, at: place, depth: depth + 1) == nil }
            if !fits { return "\(name) has none of the forms it may have" }
        }
        if let type = schema["type"], !Self.has(value, type) { return "\(name) must be of type \(type.text)" }
        if let words = schema["enum"]?.array, !words.contains(value) {
            return "\(name) must be one of \(JSON.array(words).text)"
        }
        return bounds(value, schema, name) ?? inside(value, schema, at: place, depth: depth)
    }

    private func inside(_ value: JSON, _ schema: JSON, at place: String, depth: Int) -> String? {
        for (index, item) in (value.array ?? []).enumerated() {
            guard let form = schema["items"] else { break }
            if let wrong = check(item, form, at: "\(place)/\(index)", depth: depth + 1) { return wrong }
        }
        guard let members = value.members else { return nil }
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where value[name] == nil {
            return "\(place)/\(name) is missing"
        }
        for member in members {
            guard let form = schema["properties"]?[member.name] else {
                if schema["additionalProperties"] == false {
                    return "\(place)/\(member.name.prefix(60)) is not known"
                }
                continue
            }
            let wrong = check(member.value, form, at: "\(place)/\(member.name)", depth: depth + 1)
            if let wrong { return wrong }
        }
        return nil
    }

    private func bounds(_ value: JSON, _ schema: JSON, _ name: String) -> String? {
        let (size, words): (Double?, (String, String)) =
            switch value {
            case .string(let text): (Double(text.unicodeScalars.count), ("minLength", "maxLength"))
            case .array(let items): (Double(items.count), ("minItems", "maxItems"))
            default: (value.double, ("minimum", "maximum"))
            }
        guard let size else { return nil }
        if let least = schema[words.0]?.double, size < least { return "\(name) is below \(words.0) \(least)" }
        if let most = schema[words.1]?.double, size > most { return "\(name) is above \(words.1) \(most)" }
        return nil
    }

    private static func has(_ value: JSON, _ type: JSON) -> Bool {
        if let types = type.array { return types.contains { has(value, $0) } }
        return switch (type.string, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
            ("null", .null), ("integer", .integer), ("number", .integer), ("number", .double):
            true
        case ("integer", .double(let number)): number == number.rounded()
        default: false
        }
    }
}
