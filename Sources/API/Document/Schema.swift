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

    static func text(_ length: ClosedRange<Int>) -> JSON {
        [
            "type": "string", "minLength": .integer(Int64(length.lowerBound)),
            "maxLength": .integer(Int64(length.upperBound)),
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

    /// One page of a list.
    static func page(_ name: String, of schema: String) -> JSON {
        object(
            .object([.init(name, list(named(schema))), .init("next_cursor", optional(string))]),
            required: [name, "next_cursor"])
    }
}
