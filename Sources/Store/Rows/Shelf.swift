import Core
import Workspace

/// A noun with its behaviour: what happens around a change of one of its rows.
package struct Shelf: Sendable {
    /// A row about to be written.
    package struct Draft: Sendable {
        package let id: ID
        /// The row as it is, nil when it is new.
        package let before: Item?
        /// What the caller said.
        package let given: Values
        /// What is going to be written.
        package var values: Values
        package let now: Moment
    }

    /// A row that was written, in the same transaction.
    package struct Change: Sendable {
        /// Nil when it is new.
        package let before: Item?
        /// Nil when it was deleted.
        package let after: Item?
        /// What the caller said.
        package let given: Values
        package let now: Moment

        package var id: ID? { after?.id ?? before?.id }
    }

    package let noun: Noun
    /// Looks at a row before it is written, and may add to it; what it throws keeps the row out.
    package var prepare: @Sendable (inout Draft, Store) async throws -> Void = { _, _ in }
    /// Does what belongs to a change, in the same transaction.
    package var settle: @Sendable (Change, Store) async throws -> Void = { _, _ in }
    /// Fills the fields that are kept elsewhere.
    package var complete: @Sendable ([Item], Store) async throws -> [Item] = { items, _ in items }

    package init(_ noun: Noun) { self.noun = noun }

    /// The same rows with nothing around a change of them, for changes that are a part of another one.
    var bare: Shelf {
        var shelf = self
        shelf.prepare = { _, _ in }
        shelf.settle = { _, _ in }
        return shelf
    }
}
