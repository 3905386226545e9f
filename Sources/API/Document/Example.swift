import Core

/// Makes an example of a schema: a small value that the schema allows.
struct Example {
    /// How deep schemas within each other are followed.
    private static let depth = 6

    private let schemas: [String: JSON]
    /// True for what is sent: what may be left out and names another row is left out.
    private let isRequest: Bool

    init(_ schemas: [String: JSON], isRequest: Bool = false) {
        self.schemas = schemas
        self.isRequest = isRequest
    }

    func value(of schema: JSON) -> JSON { value(of: schema, Self.depth) }

    private func value(of schema: JSON, _ depth: Int) -> JSON {
        guard depth > 0 else { return .null }
        if let reference = schema["$ref"]?.string {
            let name = String(reference.split(separator: "/").last ?? "")
            return schemas[name].map { value(of: $0, depth - 1) } ?? .null
        }
        if let given = schema["examples"]?.array?.first ?? schema["example"] ?? schema["const"] {
            return given
        }
        if let fallback = schema["default"] { return fallback }
        if let word = schema["enum"]?.array?.first { return word }
        if let choices = schema["oneOf"]?.array ?? schema["anyOf"]?.array, let first = choices.first {
            return value(of: first, depth)
        }
        return plain(schema, depth)
    }

    private func plain(_ schema: JSON, _ depth: Int) -> JSON {
        switch schema["type"]?.string ?? schema["type"]?.array?.first?.string {
        case "object": return object(schema, depth)
        case "array":
            guard let item = schema["items"], depth > 1 else { return [] }
            return isRequest && (schema["minItems"]?.integer ?? 0) == 0 ? [] : [value(of: item, depth - 1)]
        case "string": return .string(text(schema))
        case "integer": return schema["minimum"] ?? 1
        case "number": return schema["minimum"] ?? 1.5
        case "boolean": return true
        default: return schema["properties"] == nil ? [:] : object(schema, depth)
        }
    }

    private func object(_ schema: JSON, _ depth: Int) -> JSON {
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        let members = (schema["properties"]?.members ?? []).filter {
            !isRequest || required.contains($0.name) || Self.isSafe($0)
        }
        return .object(members.map { .init($0.name, value(of: $0.value, depth - 1)) })
    }

    /// True for what makes sense on its own: plain words that name no other row and hang on no other field.
    private static func isSafe(_ member: JSON.Member) -> Bool {
        ["description", "status", "priority", "color", "colour", "title", "name"].contains(member.name)
            && member.value["type"]?.string == "string"
    }

    private func text(_ schema: JSON) -> String {
        switch schema["format"]?.string {
        case "date-time": return "2030-06-01T12:00:00.000Z"
        case "date": return "2030-06-01"
        case "email": return "ann@example.org"
        case "uri": return "https://example.org/hook"
        default: break
        }
        if let pattern = schema["pattern"]?.string, let known = Self.patterns[pattern] { return known }
        let text = "Water the garden"
        let (least, most) = (schema["minLength"]?.integer ?? 0, schema["maxLength"]?.integer ?? 1_000)
        let long = text + String(repeating: "x", count: max(0, Int(least) - text.count))
        return String(long.prefix(Int(most)))
    }

    private static let patterns = [
        Schema.id["pattern"]?.string ?? "": "01JD7Y3Q8ZK4M0XW9V2T5B6C7D",
        "^[a-z0-9_-]{1,64}$": "default", #"^[^\s"\\;,*|]+$"#: "provider:mail", "^#[0-9A-Fa-f]{6}$": "#1f6feb",
    ]
}
