import Core
import SQL
import Workspace

/// The rows of one noun in the workspace of a scope: each change is checked, journalled and found by words.
///
/// Every method that writes is one transaction, or a part of the one it is called in.
package struct Rows: Sendable {
    let store: Store
    let shelf: Shelf

    var access: Access { store.access }
    var noun: Noun { shelf.noun }

    var scope: Scope {
        get throws {
            guard let scope = access.scope else { throw Failure(.broken, "Rows need a scope.") }
            return scope
        }
    }

    /// Adds a row. Throws `invalid` at the field that is wrong, and `conflict` when there is one like it.
    @discardableResult
    package func create(_ given: Values, id: ID = ID(), at now: Moment = .now) async throws -> Item {
        try await store.transaction { store in
            let rows = store.rows(shelf)
            var draft = Shelf.Draft(
                id: id, before: nil, given: given, values: try noun.fresh(given), now: now)
            try rows.own(&draft)
            try await rows.checkLinks(given)
            try await shelf.prepare(&draft, store)
            let item = Item(id: id, values: draft.values, version: 1, createdAt: now, updatedAt: now)
            try await rows.insert(item)
            let change = Shelf.Change(before: nil, after: item, given: given, now: now)
            try await shelf.settle(change, store)
            let whole = try await rows.whole([item])[0]
            try await rows.record(.created, Shelf.Change(before: nil, after: whole, given: given, now: now))
            return whole
        }
    }

    /// The row with this id; nil where there is none that the scope may see.
    package func find(_ id: ID) async throws -> Item? {
        let values = [Value(try scope.workspace), Value(id)]
        let items = try await access.query(
            "select \(noun.columns) from \(noun.table) where workspace_id = $1 and id = $2", values,
            noun.item)
        return try await whole(items.filter(isVisible)).first
    }

    /// The row with this id. Throws `missing`.
    package func require(_ id: ID) async throws -> Item {
        guard let item = try await find(id) else {
            throw Failure(.missing, "There is no such \(noun.title).")
        }
        return item
    }

    /// The rows with these ids that there are, in no particular order.
    package func find(_ ids: [ID]) async throws -> [Item] {
        var items: [Item] = []
        for list in IDList.cut(ids, after: 1) {
            items += try await access.query(
                "select \(noun.columns) from \(noun.table) where workspace_id = $1 and id in \(list.sql)",
                [Value(try scope.workspace)] + list.values, noun.item)
        }
        return try await whole(items.filter(isVisible))
    }

    /// The row after the change. Throws `missing`, or `conflict` when `version` is given and is not the
    /// current one. A change that changes nothing writes nothing.
    @discardableResult
    package func update(
        _ id: ID, _ given: Values, version: Int? = nil, at now: Moment = .now
    ) async throws -> Item {
        try await store.transaction { store in
            let rows = store.rows(shelf)
            let before = try await rows.locked(id, version)
            let values = try noun.changed(before.values, by: given)
            try await rows.checkLinks(given)
            var draft = Shelf.Draft(id: id, before: before, given: given, values: values, now: now)
            try await shelf.prepare(&draft, store)
            guard draft.values != before.values else { return before }
            let item = Item(
                id: id, values: draft.values, version: before.version + 1, createdAt: before.createdAt,
                updatedAt: now)
            try await rows.replace(before, by: item)
            let change = Shelf.Change(before: before, after: item, given: given, now: now)
            try await shelf.settle(change, store)
            let whole = try await rows.whole([item])[0]
            try await rows.record(
                .updated, Shelf.Change(before: before, after: whole, given: given, now: now))
            return whole
        }
    }

    /// Removes the row. Throws `missing`, or `conflict` as `update` does.
    package func delete(_ id: ID, version: Int? = nil, at now: Moment = .now) async throws {
        try await store.transaction { store in
            let rows = store.rows(shelf)
            let before = try await rows.locked(id, version)
            let change = Shelf.Change(before: before, after: nil, given: Values(), now: now)
            try await shelf.settle(change, store)
            let count = try await rows.access.execute(
                "delete from \(noun.table) where workspace_id = $1 and id = $2",
                [Value(try scope.workspace), Value(id)])
            guard count == 1 else { throw Failure(.missing, "There is no such \(noun.title).") }
            try await rows.forgetWords(of: id)
            try await rows.record(.deleted, change)
        }
    }
}

extension Rows {
    /// The items with what is kept elsewhere.
    func whole(_ items: [Item]) async throws -> [Item] {
        items.isEmpty ? [] : try await shelf.complete(items, store)
    }

    /// The row as it is, with no other writer until the transaction ends.
    private func locked(_ id: ID, _ version: Int?) async throws -> Item {
        // The lock is what keeps the journal's entries of one row in the order of their commits.
        let count = try await access.execute(
            "update \(noun.table) set version = version where workspace_id = $1 and id = $2",
            [Value(try scope.workspace), Value(id)])
        guard count == 1, let item = try await find(id) else {
            throw Failure(.missing, "There is no such \(noun.title).")
        }
        try requireOwner(item)
        guard version == nil || version == item.version else {
            throw Failure(
                .conflict, "The \(noun.title) was changed meanwhile; its version is \(item.version).")
        }
        return item
    }

    private func insert(_ item: Item) async throws {
        let names =
            ["workspace_id", "id"] + noun.stored.map(\.place) + ["version", "created_at", "updated_at"]
        let values =
            [Value(try scope.workspace), Value(item.id)] + noun.stored.map { $0.column(item[$0.name]) }
            + [Value(item.version), Value(item.createdAt), Value(item.updatedAt)]
        let places = (1...names.count).map { "$\($0)" }.joined(separator: ", ")
        try await access.execute(
            "insert into \(noun.table) (\(names.joined(separator: ", "))) values (\(places))", values)
        if noun.isSearched { try await keepWords(of: item) }
    }

    private func replace(_ before: Item, by item: Item) async throws {
        let columns = noun.stored
        let changes = columns.indices.map { "\(columns[$0].place) = $\($0 + 5)" }
        let values =
            [
                Value(try scope.workspace), Value(item.id), Value(item.version), Value(item.updatedAt),
            ] + columns.map { $0.column(item[$0.name]) }
        try await access.execute(
            """
            update \(noun.table) set version = $3, updated_at = $4, \(changes.joined(separator: ", "))
            where workspace_id = $1 and id = $2
            """, values)
        guard noun.fields.contains(where: { $0.isSearched && before[$0.name] != item[$0.name] }) else {
            return
        }
        try await forgetWords(of: item.id)
        try await keepWords(of: item)
    }
}
