import Core
import SQL
import Workspace

extension Shelf {
    /// The budgets, each with what was spent in the period that holds today.
    package static let budgets: Shelf = {
        var shelf = Shelf(.budget)
        shelf.prepare = { draft, store in
            draft.values.write(["amount"])
            guard draft.before == nil else { return }
            try await store.finances.requireRoom(in: "budgets", most: Store.Finances.Limits.budgets)
        }
        shelf.settle = { change, store in
            guard let budget = change.after.flatMap({ Budget($0) }) else { return }
            let finances = store.finances
            try await finances.warn(of: budget, finances.tree(), at: change.now)
        }
        shelf.complete = { items, store in try await store.finances.measured(items, on: CivilDay(.now)) }
        return shelf
    }()

    /// The thresholds that were reached; written by the house alone.
    package static let budgetAlerts: Shelf = {
        var shelf = Shelf(.budgetAlert)
        shelf.complete = { items, _ in
            items.map { item in
                var item = item
                item.values.write(["amount", "spent"])
                return item
            }
        }
        return shelf
    }()
}

extension Store.Finances {
    fileprivate func measured(_ items: [Item], on day: CivilDay) async throws -> [Item] {
        let tree = try await tree()
        var measured: [Item] = []
        for var item in items {
            guard let budget = Budget(item) else { throw Failure(.broken, "A budget is damaged.") }
            let days = budget.period.days(around: day)
            let spent = try await spent(of: budget, in: days, tree)
            item.values["period_start"] = .string(days.lowerBound.text)
            item.values["period_end"] = .string(days.upperBound.text)
            item.values["spent"] = .string(spent.text(in: budget.currency))
            item.values["left"] = .string(budget.left(after: spent).text(in: budget.currency))
            item.values["percent"] = .double(budget.percent(of: spent))
            item.values.write(["amount"])
            measured.append(item)
        }
        return measured
    }

    /// What was spent of a budget in some days: the expenses, as an amount above zero.
    func spent(of budget: Budget, in days: ClosedRange<CivilDay>, _ tree: Tree) async throws -> Amount {
        let values: [Value] = [
            Value(try scope.workspace), .text(budget.currency.code), .text(days.lowerBound.text),
            .text(days.upperBound.text),
        ]
        guard let category = budget.category else { return try await -expenses("", values) }
        var sum = Amount.zero
        for list in IDList.cut(tree.descendants(of: category), after: values.count) {
            sum += try await expenses("and category_id in \(list.sql)", values + list.values)
        }
        return -sum
    }

    private func expenses(_ condition: String, _ values: [Value]) async throws -> Amount {
        try await access.query(
            """
            select \(Amount.sums) from finance_transactions
            where workspace_id = $1 and kind = 'expense' and currency = $2
                and occurred_on between $3 and $4 \(condition)
            """, values, Amount.init(sums:)
        ).sum
    }
}

extension Amount {
    /// The two parts of an exact sum: the whole amounts would overflow what a database adds up in.
    static let sums = """
        cast(coalesce(sum(amount / \(million)), 0) as bigint) as millions, \
        cast(coalesce(sum(amount % \(million)), 0) as bigint) as rest
        """

    init(sums row: Row) throws {
        self.init(millions: try row.get("millions"), rest: try row.get("rest"))
    }
}
