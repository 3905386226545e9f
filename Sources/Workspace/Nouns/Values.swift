import Core

/// What the fields of a row hold, by name, in the form that the API shows; what is missing was not said.
package struct Values: Sendable, Hashable {
    private var held: [String: JSON]

    package init(_ held: [String: JSON] = [:]) { self.held = held }

    package subscript(name: String) -> JSON? {
        get { held[name] }
        set { held[name] = newValue }
    }

    package func has(_ name: String) -> Bool { held[name] != nil }

    package func text(_ name: String) -> String? { held[name]?.string }
    package func flag(_ name: String) -> Bool { held[name]?.bool ?? false }
    package func whole(_ name: String) -> Int? { held[name]?.integer.map { Int($0) } }
    package func number(_ name: String) -> Double? { held[name]?.double }
    package func time(_ name: String) -> Moment? { text(name).flatMap { Moment($0) } }
    package func id(_ name: String) -> ID? { text(name).flatMap { ID($0) } }
    package func decimal(_ name: String) -> Decimal4? { text(name).flatMap { Decimal4($0) } }
    package func texts(_ name: String) -> [String] { held[name]?.array?.compactMap(\.string) ?? [] }
    package func ids(_ name: String) -> [ID] { texts(name).compactMap { ID($0) } }

    /// These values with `others` over them.
    package func changed(by others: Values) -> Values {
        Values(held.merging(others.held) { $1 })
    }

    package var names: Set<String> { Set(held.keys) }
}

/// One row as the API shows it.
package struct Item: Sendable, Hashable {
    package let id: ID
    package var values: Values
    package let version: Int
    package let createdAt: Moment
    package let updatedAt: Moment

    package init(id: ID, values: Values, version: Int, createdAt: Moment, updatedAt: Moment) {
        self.id = id
        self.values = values
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package subscript(name: String) -> JSON { values[name] ?? .null }
}
