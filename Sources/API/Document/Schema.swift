import Core

/// Builds the JSON Schemas of the OpenAPI document.
enum Schema {
    static let string: JSON = ["type": "string"]
    static let bool: JSON = ["type": "boolean"]
    static let any: JSON = [:]
    static let time: JSON = ["type": "string", "format": "date-time"]
    static let id: JSON = ["type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"]
    static let count: JSON = ["type": "integer", "minimum": 0]
    static let amount: JSON = ["type": "number", "minimum": 0]
    static let object: JSON = ["type": "object"]

    /// A reference to one of the document's named schemas.
    static func named(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    static func whole(_ range: ClosedRange<Int>) -> JSON {
        [
            "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
            "maximum": .integer(Int64(range.upperBound)),
        ]
    }

    static func number(_ range: ClosedRange<Double>) -> JSON {
        ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
    }

    /// A text without control characters; one that must not be empty must not be blank either.
    static func text(_ length: ClosedRange<Int>) -> JSON {
        let plain = #"[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*"#
        let visible = #"[^\s\u0000-\u001f\u007f-\u009f]"#
        return [
            "type": "string", "minLength": .integer(Int64(length.lowerBound)),
            "maxLength": .integer(Int64(length.upperBound)),
            "pattern": .string(length.lowerBound > 0 ? "^\(plain)\(visible)\(plain)$" : "^\(plain)$"),
        ]
    }

    static func choice<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type) -> JSON {
        ["type": "string", "enum": .array(Word.allCases.map { .string($0.rawValue) })]
    }

    static func list(_ item: JSON, most: Int? = nil) -> JSON {
        let bound: [JSON.Member] = most.map { [.init("maxItems", .integer(Int64($0)))] } ?? []
        return .object([.init("type", "array"), .init("items", item)] + bound)
    }

    /// The schema, or null.
    static func optional(_ schema: JSON) -> JSON { ["oneOf": [schema, ["type": "null"]]] }

    /// An object that has no other members than these.
    static func object(_ properties: JSON, required: [String] = []) -> JSON {
        [
            "type": "object", "properties": properties, "required": .array(required.map(JSON.string)),
            "additionalProperties": false,
        ]
    }

    /// An object as a request sends it: a member that is not required may as well be null.
    static func request(_ properties: JSON, required: [String] = []) -> JSON {
        let members = (properties.members ?? []).map { member in
            let isFree = !required.contains(member.name) && !isOptional(member.value)
            return JSON.Member(member.name, isFree ? optional(member.value) : member.value)
        }
        return object(.object(members), required: required)
    }

    private static func isOptional(_ schema: JSON) -> Bool {
        schema.members?.isEmpty == true || schema["oneOf"]?.array?.contains(["type": "null"]) == true
    }

    /// One page of a list.
    static func page(_ name: String, of schema: String) -> JSON {
        object(
            .object([.init(name, list(named(schema))), .init("next_cursor", optional(string))]),
            required: [name, "next_cursor"])
    }
}
