import Core
import Store
import Workspace

/// Writes what a page brought, within one transaction, so that each thing there has one row here.
///
/// A field is changed here when the provider changed it since it spoke last: what somebody changed here stays
/// until the same field changes there. News older than what is known is left out, and a row that was deleted
/// here does not come back.
package struct SyncDesk: Sendable {
    /// The doors within the transaction.
    package let store: Store
    package let connection: Connection
    package let stream: String
    let round: Int
    package var tally = SyncTally()

    /// One thing at the provider.
    package struct Thing: Sendable, Hashable {
        /// What it is there, such as `issue`.
        package let kind: String
        package let id: String
        /// What the provider calls its present state, such as an ETag.
        package var version: String
        /// When it was changed; the beginning of time where the provider does not say.
        package var at: Moment

        package init(
            _ kind: String, _ id: String, version: String = "", at: Moment = Moment(microseconds: 0)
        ) {
            (self.kind, self.id, self.version, self.at) = (kind, id, version, at)
        }
    }

    /// How a thing is put down.
    package struct Manner: Sendable, Hashable {
        /// The row that is the thing already, where no link says so yet.
        package var adopting: ID?
        /// The fields that may change of a row that is here; nil for all.
        package var changing: Set<String>?

        package init(adopting: ID? = nil, changing: Set<String>? = nil) {
            (self.adopting, self.changing) = (adopting, changing)
        }
    }

    package init(_ store: Store, _ connection: Connection, _ stream: String, round: Int) {
        (self.store, self.connection, self.stream, self.round) = (store, connection, stream, round)
    }

    /// The link of a thing; nil where it is not known here.
    package func link(_ kind: String, _ id: String) async throws -> Store.ExternalLinks.Entry? {
        try await store.externalLinks.find(connection.id, kind, id)
    }

    /// Makes the row of a thing say what the provider says, and returns it; nil where there is none, because
    /// it was refused or was deleted here.
    @discardableResult
    package mutating func put(
        _ thing: Thing, on shelf: Shelf, _ values: Values, _ manner: Manner = Manner()
    ) async throws -> Item? {
        do {
            if let link = try await link(thing.kind, thing.id) {
                return try await change(link, thing, shelf, (values, manner.changing))
            }
            return try await add(thing, shelf, values, manner.adopting)
        } catch let failure as Failure where failure.isRefusal {
            tally.refuse("\(thing.kind) \(thing.id): \(failure.message)")
            return nil
        }
    }

    /// Writes some fields of a row whose thing is the same as before.
    package mutating func amend(
        _ link: Store.ExternalLinks.Entry, on shelf: Shelf, _ values: Values
    ) async throws {
        var (link, base) = (link, Self.base(values).members ?? [])
        let before = link.base.members ?? []
        guard base.contains(where: { $0.value != link.base[$0.name] }),
            let item = try await store.rows(shelf).find(link.row)
        else { return }
        base += before.filter { member in !base.contains { $0.name == member.name } }
        do {
            link.localVersion = try await store.rows(shelf).update(item.id, values).version
        } catch let failure as Failure where failure.kind == .invalid {
            return tally.refuse("\(link.kind) \(link.remoteID): \(failure.message)")
        }
        link.base = .object(base.sorted { $0.name < $1.name })
        if link.localVersion != item.version { tally.updated += 1 }
        try await store.externalLinks.save(link)
    }

    /// Takes away what the provider has no more.
    package mutating func remove(_ kind: String, _ id: String) async throws {
        guard let link = try await link(kind, id) else { return }
        try await remove(link)
    }

    mutating func remove(_ link: Store.ExternalLinks.Entry) async throws {
        try await store.externalLinks.delete(link)
        guard let shelf = Self.shelves.first(where: { $0.noun.name == link.noun }) else { return }
        do {
            try await store.rows(shelf).delete(link.row)
            tally.deleted += 1
        } catch let failure as Failure where failure.kind == .missing || failure.kind == .conflict {
            tally.unchanged += 1
        }
    }

    /// What a thing may be here.
    private static let shelves: [Shelf] = [
        .calendarEvents, .messages, .tasks, .comments, .transactions, .contacts,
    ]
}

extension SyncDesk {
    private mutating func add(
        _ thing: Thing, _ shelf: Shelf, _ values: Values, _ adopted: ID?
    ) async throws -> Item? {
        let rows = store.rows(shelf)
        let known = if let adopted { try await rows.find(adopted) } else { Item?.none }
        let item = if let known { known } else { try await rows.create(values) }
        var link = Store.ExternalLinks.Entry(
            connection.id, thing.kind, thing.id, stream: stream, noun: shelf.noun.name, row: item.id)
        if known == nil { tally.created += 1 } else { tally.unchanged += 1 }
        link.base = Self.base(values)
        try await keep(&link, thing, item)
        return item
    }

    private mutating func change(
        _ link: Store.ExternalLinks.Entry, _ thing: Thing, _ shelf: Shelf,
        _ said: (values: Values, names: Set<String>?)
    ) async throws -> Item? {
        let values = said.values
        var link = link
        let item = try await store.rows(shelf).find(link.row)
        let isOld =
            thing.at < link.remoteAt || thing.at == link.remoteAt && thing.version == link.remoteVersion
        let base = Self.base(values)
        let news = (said.names ?? values.names).filter {
            base[$0] != link.base[$0] && values.has($0) && !shelf.isFixed($0)
        }
        guard let item, !isOld, !news.isEmpty else {
            tally.unchanged += 1
            try await keep(&link, isOld ? nil : thing, item)
            return item
        }
        let changes = Values(Dictionary(uniqueKeysWithValues: news.map { ($0, values[$0] ?? .null) }))
        let after = try await store.rows(shelf).update(item.id, changes)
        link.base = base
        try await keep(&link, thing, after)
        if after.version == item.version { tally.unchanged += 1 } else { tally.updated += 1 }
        return after
    }

    private func keep(
        _ link: inout Store.ExternalLinks.Entry, _ thing: Thing?, _ item: Item?
    ) async throws {
        let before = link
        if let thing { (link.remoteVersion, link.remoteAt) = (thing.version, thing.at) }
        if let item { link.localVersion = item.version }
        link.round = max(link.round, round)
        if link != before { try await store.externalLinks.save(link) }
    }

    /// What the provider said, with a digest in place of long values.
    static func base(_ values: Values) -> JSON {
        .object(
            values.names.sorted().map { name in
                let value = values[name] ?? .null
                let text = value.text
                return .init(name, text.utf8.count > 256 ? .string(Store.Messages.digest([text])) : value)
            })
    }
}

extension Failure {
    /// True for what our rules refuse. What the database refuses has ended the whole transaction.
    fileprivate var isRefusal: Bool { (kind == .invalid || kind == .conflict) && cause == nil }
}

extension Shelf {
    /// True for a field that stays as it was said first.
    fileprivate func isFixed(_ name: String) -> Bool { noun.field(name)?.isFixed ?? false }
}
