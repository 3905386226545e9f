import Core

/// One operation, ready to be run: fragments spread, variables put in, everything within its bounds.
package struct Plan: Sendable {
    /// One field of the answer.
    package struct Step: Sendable {
        /// What the answer calls it.
        package let key: String
        package let field: Blueprint.Field
        package let arguments: JSON
        package let steps: [Step]
        package let place: Place
    }

    package let kind: Syntax.Operation.Kind
    package let steps: [Step]
    /// What it costs: each field 1, those of a list once for each entry it may have.
    package let cost: Int

    var root: String { kind == .mutation ? Blueprint.mutation : Blueprint.query }
}

/// The bounds of one document.
package struct Bounds: Sendable {
    /// Bytes of the document.
    package var document = 65_536
    package var depth = 12
    package var cost = 5_000
    package var aliases = 50
    /// Entries of a list that is not told how many to have.
    package var entries = 50
    /// How deep questions about the types may go; the one that clients send goes deeper than others.
    package var introspection = 20
    /// Lists of types and fields within each other; clients ask for the fields of all types.
    package var lists = 2
    /// Fields of a plan, however cheap.
    package var steps = 5_000

    package init() {}
}
