/// One row of an answer; its columns are read by name or by position.
package struct Row: Sendable, Hashable {
    package let columns: [String]
    package let values: [Value]

    package init(columns: [String], values: [Value]) {
        self.columns = columns
        self.values = values
    }

    package subscript(position: Int) -> Value { values[position] }

    package subscript(name: String) -> Value? {
        columns.firstIndex(of: name).map { values[$0] }
    }

    /// The column called `name` as a Swift type; nil is only read by an optional one.
    package func get<T: Readable>(_ name: String, as type: T.Type = T.self) throws -> T {
        guard let value = self[name] else {
            throw SQLFault(.other, "the row has no column \(name); it has \(columns.joined(separator: ", "))")
        }
        guard let read = T.read(value) else {
            throw SQLFault(
                .other, "the column \(name) holds \(value.kind), which cannot be read as \(T.self)")
        }
        return read
    }
}

/// A Swift type that a column can be read as.
package protocol Readable {
    static func read(_ value: Value) -> Self?
}

extension Optional: Readable where Wrapped: Readable {
    package static func read(_ value: Value) -> Self? {
        if case .null = value { return .some(nil) }
        return Wrapped.read(value).map { .some($0) }
    }
}

extension String: Readable {
    package static func read(_ value: Value) -> String? {
        if case .text(let text) = value { text } else { nil }
    }
}

extension Int64: Readable {
    package static func read(_ value: Value) -> Int64? {
        if case .integer(let number) = value { number } else { nil }
    }
}

extension Int: Readable {
    package static func read(_ value: Value) -> Int? { Int64.read(value).flatMap { Int(exactly: $0) } }
}

extension Double: Readable {
    package static func read(_ value: Value) -> Double? {
        switch value {
        case .real(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }
}

extension Bool: Readable {
    package static func read(_ value: Value) -> Bool? { Int64.read(value).map { $0 != 0 } }
}

extension [UInt8]: Readable {
    package static func read(_ value: Value) -> [UInt8]? {
        if case .blob(let bytes) = value { bytes } else { nil }
    }
}

extension Value {
    /// For messages: what it is, without what it says.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "a text"
        case .blob: "bytes"
        }
    }
}
