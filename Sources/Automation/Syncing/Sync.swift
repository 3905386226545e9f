import Core
import Store

/// Brings what a provider holds here, page by page.
///
/// It only fetches and translates: `SyncRun` writes the rows of a page together with the cursor behind it,
/// so that a crash anywhere repeats at most the fetching of one page.
package protocol Sync: Sendable {
    /// What is read apart, each with a cursor of its own, in this order: such as one calendar of several.
    func streams(of connection: Connection) async throws -> [String]

    /// The next page of a stream.
    ///
    /// - Parameters:
    ///   - cursor: what the page before left in `next`; null at the beginning of a reading of all there is.
    ///   - now: when the step started.
    /// - Throws: `SyncLost` when the provider does not know the cursor any more: all is read anew then.
    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage

    /// Does what belongs to the end of a link that a reading of all did not show, after it was deleted.
    func forget(_ link: Store.ExternalLinks.Entry, _ desk: inout SyncDesk) async throws
}

extension Sync {
    package func forget(_ link: Store.ExternalLinks.Entry, _ desk: inout SyncDesk) async throws {}
}

/// The provider does not know a cursor any more.
package struct SyncLost: Error {
    package init() {}
}

/// What one call brought.
package struct SyncPage: Sendable {
    /// What comes after it: kept in the transaction of `write`.
    package let next: JSON
    /// Whether there is more to read at once.
    package let end: End
    /// Writes the rows; it may run again when its transaction was in another's way.
    package let write: @Sendable (inout SyncDesk) async throws -> Void

    package enum End: Sendable, Hashable {
        case more
        /// There is nothing more for now.
        case now
        /// All there is was read: what no page of this reading showed is gone, and goes here too.
        case all
    }

    package init(
        next: JSON, end: End, write: @escaping @Sendable (inout SyncDesk) async throws -> Void = { _ in }
    ) {
        (self.next, self.end, self.write) = (next, end, write)
    }
}

/// What became of the things of one or more pages.
package struct SyncTally: Sendable, Hashable {
    package var created = 0
    package var updated = 0
    package var deleted = 0
    package var unchanged = 0
    package var refused = 0
    /// Why things were refused, the first few.
    package private(set) var reasons: [String] = []

    /// Reasons that are kept.
    static let mostReasons = 20

    package init() {}

    package mutating func refuse(_ reason: String) {
        refused += 1
        if reasons.count < Self.mostReasons { reasons.append(reason) }
    }

    package static func += (left: inout SyncTally, right: SyncTally) {
        left.created += right.created
        left.updated += right.updated
        left.deleted += right.deleted
        left.unchanged += right.unchanged
        left.refused += right.refused
        left.reasons += right.reasons.prefix(Self.mostReasons - left.reasons.count)
    }

    package var json: JSON {
        [
            "created": JSON(created), "updated": JSON(updated), "deleted": JSON(deleted),
            "unchanged": JSON(unchanged), "refused": JSON(refused),
            "reasons": .array(reasons.map(JSON.string)),
        ]
    }
}
