import Core

/// One field of a noun: what it is called, what it may hold, and who sets it.
package struct Field: Sendable {
    /// What a field holds. Each kind has one shape in JSON, and a rule beside it.
    package enum Kind: Sendable {
        /// A text of so many Unicode scalars.
        case text(ClosedRange<Int>)
        /// One of these words.
        case word([String])
        case flag
        case whole(ClosedRange<Int>)
        case number(ClosedRange<Double>, unit: String)
        /// An exact decimal number, as a text such as `-12.34`.
        case decimal
        /// A point in time, RFC 3339 with a zone.
        case time
        /// A day, `YYYY-MM-DD`.
        case date
        /// A zone of the IANA database.
        case zone
        case email, url
        /// `#rrggbb`
        case color
        /// The id of a user of the workspace.
        case user
        /// The id of a row of this table, in the same workspace.
        case row(String)
        case texts(ClosedRange<Int>, most: Int)
        /// Ids of rows of this table.
        case rows(String, most: Int)
        /// An object of any members.
        case object(bytes: Int)
        /// What this JSON Schema describes; the shelf's own code checks it.
        case json(schema: JSON)
    }

    package let name: String
    package let kind: Kind
    /// It must be given when a row is created.
    package private(set) var isRequired = false
    /// It may be null.
    package private(set) var isOptional = false
    /// It is said once, when the row is created.
    package private(set) var isFixed = false
    /// It is shown, and never taken from a caller.
    package private(set) var isShown = false
    /// Lists can be narrowed to one value of it.
    package private(set) var isFiltered = false
    package private(set) var isSorted = false
    package private(set) var isSearched = false
    /// The shelf's own code keeps it; the table has no such column.
    package private(set) var isElsewhere = false
    /// Lists can be narrowed by `<this>_after` and `<this>_before`.
    package private(set) var range: String?
    /// What it holds where nothing was said.
    package private(set) var initial: JSON = .null
    /// What the document says of it.
    package private(set) var about: String?
    /// A text it may hold, for the document, where its rule is narrower than its kind.
    package private(set) var example: String?

    package init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// Where it stands in a request.
    package var pointer: String { "/\(name)" }
}

extension Field {
    package func required() -> Field { with { $0.isRequired = true } }
    package func optional() -> Field { with { $0.isOptional = true } }
    package func fixed() -> Field { with { $0.isFixed = true } }
    package func shown() -> Field { with { $0.isShown = true } }
    package func filtered() -> Field { with { $0.isFiltered = true } }
    package func sorted() -> Field { with { $0.isSorted = true } }
    package func searched() -> Field { with { $0.isSearched = true } }
    package func elsewhere() -> Field { with { $0.isElsewhere = true } }
    package func or(_ value: JSON) -> Field { with { $0.initial = value } }
    package func about(_ text: String) -> Field { with { $0.about = text } }
    package func like(_ example: String) -> Field { with { $0.example = example } }

    /// - Parameter name: what the query parameters begin with; the field's own name unless told.
    package func ranged(_ name: String? = nil) -> Field { with { $0.range = name ?? $0.name } }

    private func with(_ change: (inout Field) -> Void) -> Field {
        var field = self
        change(&field)
        return field
    }
}
