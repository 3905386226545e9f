import Core

extension Field {
    /// The value, of the right shape. Throws `Failure(.invalid)` for another shape, and for null where the
    /// field cannot be empty.
    package func read(_ json: JSON) throws(Failure) -> JSON {
        if json == .null {
            guard isOptional else { throw wrong("must not be null") }
            return json
        }
        switch kind {
        case .flag: if json.bool != nil { return json }
        case .whole:
            if json.integer != nil { return json }
            if let number = json.double, number == number.rounded(), abs(number) < 9e15 {
                return .integer(Int64(number))
            }
        case .number: if let number = json.double { return .double(number) }
        case .texts, .rows: if let items = json.array { return try list(items) }
        case .object: if json.members != nil { return json }
        case .json: return json
        case .text, .word, .decimal, .time, .date, .zone, .email, .url, .color, .user, .row:
            if json.string != nil { return json }
        }
        throw wrong("must be \(shape)")
    }

    private func list(_ items: [JSON]) throws(Failure) -> JSON {
        for (index, item) in items.enumerated() where item.string == nil {
            throw Failure(.invalid, "\(name) must be \(shape).", at: "\(pointer)/\(index)")
        }
        return .array(items)
    }

    private func wrong(_ what: String) -> Failure { Failure(.invalid, "\(name) \(what).", at: pointer) }

    private var shape: String {
        switch kind {
        case .flag: "true or false"
        case .whole: "a whole number"
        case .number: "a number"
        case .texts, .rows: "a list of texts"
        case .object: "an object"
        case .decimal: "a text with a decimal number, such as \"12.34\""
        case .time: "a text with an RFC 3339 time, such as \"2026-03-01T09:00:00Z\""
        case .text, .word, .date, .zone, .email, .url, .color, .user, .row, .json: "a text"
        }
    }
}
