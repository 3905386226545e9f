import Core
import Store
import Workspace

/// Writes what a page brought, within one transaction, so that each thing there has one row here.
///
/// A field is changed here when the provider changed it since it spoke last: what somebody changed here stays
/// until the same field changes there. News older than what is known is left out, and a row that was deleted
/// here does not come back. What is refused holds up nothing else.
package struct SyncDesk: Sendable {
    /// The doors within the transaction.
    package let store: Store
    package let connection: Connection
    package let stream: String
    let round: Int
    /// True where what is refused is left out; else it ends the transaction.
    private let isCareful: Bool
    package var tally = SyncTally()
    /// What was refused.
    private(set) var refused: [Store.SyncRefusals.Entry] = []
    /// What was put down, or taken away.
    private(set) var taken: Set<Store.SyncRefusals.Name> = []

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

    package init(
        _ store: Store, _ connection: Connection, _ stream: String, round: Int, isCareful: Bool = true
    ) {
        (self.store, self.connection, self.stream, self.round) = (store, connection, stream, round)
        self.isCareful = isCareful
    }

    /// The link of a thing; nil where it is not known here.
    package func link(_ kind: String, _ id: String) async throws -> Store.ExternalLinks.Entry? {
        try await store.externalLinks.find(connection.id, kind, id)
    }

    /// Does what belongs to one thing, all of it or nothing; nil where that was refused, by our rules or by
    /// the database. What is refused is left out until the thing is changed.
    @discardableResult
    package mutating func row<T: Sendable>(
        _ kind: String, _ id: String, _ body: @Sendable (inout SyncDesk) async throws -> T
    ) async throws -> T? {
        let name = Self.name(kind, id)
        let value: T
        do {
            value = try await isCareful ? carefully(body) : body(&self)
        } catch let failure as Failure where isCareful && failure.isRefusal {
            try await see(kind, id)
            tally.refuse("\(kind) \(id): \(failure.message)")
            refused.append(
                .init(name, stream: stream, reason: failure.message.fitted(500), at: .now))
            return nil
        }
        taken.insert(name)
        return value
    }

    /// A thing that is there and was refused is not gone: a reading of all takes its row away no more.
    private func see(_ kind: String, _ id: String) async throws {
        guard var link = try await link(kind, id), link.round < round else { return }
        link.round = round
        try await store.externalLinks.save(link)
    }

    private static func name(_ kind: String, _ id: String) -> Store.SyncRefusals.Name {
        .init(kind, id.fitted(255))
    }

    private mutating func carefully<T: Sendable>(
        _ body: @Sendable (inout SyncDesk) async throws -> T
    ) async throws -> T {
        let before = self
        let (after, value) = try await store.nested { _ in
            var desk = before
            let value = try await body(&desk)
            return (desk, value)
        }
        self = after
        return value
    }

    /// Makes the row of a thing say what the provider says, and returns it; nil where there is none, because
    /// it was refused or was deleted here.
    @discardableResult
    package mutating func put(
        _ thing: Thing, on shelf: Shelf, _ values: Values, _ manner: Manner = Manner()
    ) async throws -> Item? {
        try await row(thing.kind, thing.id) { try await $0.place(thing, on: shelf, values, manner) } ?? nil
    }

    /// The same as a part of what belongs to the thing.
    @discardableResult
    mutating func place(
        _ thing: Thing, on shelf: Shelf, _ values: Values, _ manner: Manner
    ) async throws -> Item? {
        if let link = try await link(thing.kind, thing.id) {
            return try await change(link, thing, shelf, (values, manner.changing))
        }
        return try await add(thing, shelf, values, manner.adopting)
    }

    /// Writes some fields of a row whose thing is the same as before.
    package mutating func amend(
        _ link: Store.ExternalLinks.Entry, on shelf: Shelf, _ values: Values
    ) async throws {
        var base = Self.base(values).members ?? []
        let before = link.base.members ?? []
        guard base.contains(where: { $0.value != link.base[$0.name] }) else { return }
        base += before.filter { member in !base.contains { $0.name == member.name } }
        let whole = JSON.object(base.sorted { $0.name < $1.name })
        try await row(link.kind, link.remoteID) { desk in
            guard let item = try await desk.store.rows(shelf).find(link.row) else { return }
            var link = link
            link.localVersion = try await desk.store.rows(shelf).update(item.id, values).version
            link.base = whole
            if link.localVersion != item.version { desk.tally.updated += 1 }
            try await desk.store.externalLinks.save(link)
        }
    }

    /// Takes away what the provider has no more.
    package mutating func remove(_ kind: String, _ id: String) async throws {
        taken.insert(Self.name(kind, id))
        guard let link = try await link(kind, id) else { return }
        try await remove(link)
    }

    mutating func remove(_ link: Store.ExternalLinks.Entry) async throws {
        try await store.externalLinks.delete(link)
        guard let shelf = Self.shelves.first(where: { $0.noun.name == link.noun }) else { return }
        do {
            try await store.nested { try await $0.rows(shelf).delete(link.row) }
            tally.deleted += 1
        } catch let failure as Failure where failure.isRefusal {
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
    /// True for what would be refused again, however often it is tried.
    var isRefusal: Bool { [.invalid, .conflict, .missing, .forbidden].contains(kind) }
}

extension Shelf {
    /// True for a field that stays as it was said first.
    fileprivate func isFixed(_ name: String) -> Bool { noun.field(name)?.isFixed ?? false }
}
