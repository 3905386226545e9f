import Core
import SQL
import Workspace

extension Shelf {
    /// The transactions. One that comes without a category gets it by the rules; what is spent is held
    /// against the budgets.
    package static let transactions: Shelf = {
        var shelf = Shelf(.transaction)
        shelf.prepare = { draft, store in
            if draft.values.text("kind") == nil, let amount = Amount(draft.values, "amount") {
                draft.values["kind"] = JSON(Booking.Kind(of: amount))
            }
            draft.values.write(["amount"])
            try await store.finances.requireUnused(draft)
            try await store.finances.file(&draft)
        }
        shelf.settle = { change, store in
            let bookings = [change.before, change.after].compactMap { item in
                item.flatMap { Booking($0.id, $0.values) }
            }
            try await store.finances.watch(bookings, at: change.now)
        }
        shelf.complete = { items, store in try await store.finances.named(items) }
        return shelf
    }()
}

extension Store.Finances {
    /// Throws `conflict`, at the field, when another transaction has the external id already.
    fileprivate func requireUnused(_ draft: Shelf.Draft) async throws {
        guard let external = draft.given.text("external_id") else { return }
        let holders = try await access.query(
            "select id from finance_transactions where workspace_id = $1 and external_id = $2",
            [Value(try scope.workspace), .text(external)]
        ) { try $0.get("id", as: ID.self) }
        guard holders.allSatisfy({ $0 == draft.id }) else {
            throw Failure(
                .conflict, "The transaction \(holders[0]) has this external_id already.", at: "/external_id")
        }
    }

    /// Finds the category: by the name given, else for a new transaction by the rules.
    fileprivate func file(_ draft: inout Shelf.Draft) async throws {
        if let name = draft.given.text("category") {
            try await file(&draft, under: name)
        } else if draft.given.has("category"), draft.given.id("category_id") == nil {
            draft.values["category_id"] = .null
        } else if draft.before == nil, !draft.given.has("category_id"),
            let booking = Booking(draft.id, draft.values)
        {
            draft.values["category_id"] = JSON(try await rules().category(of: booking))
        }
    }

    private func file(_ draft: inout Shelf.Draft, under name: String) async throws {
        guard let category = try await category(named: name) else {
            throw Failure(
                .invalid, "There is no category \"\(name.prefix(40))\"; create it first.", at: "/category")
        }
        if let given = draft.given.id("category_id"), given != category {
            throw Failure(
                .invalid, "category and category_id name two categories; send one of them.", at: "/category")
        }
        draft.values["category_id"] = JSON(category)
    }

    /// The rows with the names of their categories, and with amounts as their currencies write them.
    fileprivate func named(_ items: [Item]) async throws -> [Item] {
        let names = try await names(of: Set(items.compactMap { $0.values.id("category_id") }))
        return items.map { item in
            var item = item
            item.values["category"] = JSON(item.values.id("category_id").flatMap { names[$0] })
            item.values.write(["amount"])
            return item
        }
    }
}

extension Values {
    /// Writes amounts the way the currency of the row does.
    mutating func write(_ amounts: [String]) {
        guard let currency = text("currency").flatMap({ Currency($0) }) else { return }
        for name in amounts {
            if let amount = Amount(self, name) { self[name] = .string(amount.text(in: currency)) }
        }
    }
}
