import Core
import SQL
import Workspace

// What is spent is held against the budgets, in the period that holds today: what comes in late for one that
// is over warns nobody.
extension Store.Finances {
    /// Looks at the budgets that bookings of a transaction belong to, and warns where a threshold is reached.
    func watch(_ bookings: [Booking], at now: Moment) async throws {
        let expenses = bookings.filter { $0.kind == .expense }
        guard !expenses.isEmpty else { return }
        let budgets = try await budgets(in: Set(expenses.map(\.currency.code)))
        guard !budgets.isEmpty else { return }
        let tree = try await tree()
        for budget in budgets {
            let days = budget.period.days(around: CivilDay(now))
            guard expenses.contains(where: { days.contains($0.day) && tree.counts($0, to: budget) }) else {
                continue
            }
            try await warn(of: budget, tree, at: now)
        }
    }

    /// Warns of each threshold of the budget that is reached; once a period.
    func warn(of budget: Budget, _ tree: Tree, at now: Moment) async throws {
        guard !budget.thresholds.isEmpty, try await lock(budget) else { return }
        let period = budget.period.days(around: CivilDay(now))
        let spent = try await spent(of: budget, in: period, tree)
        for threshold in try await unsaid(budget, spent, period) {
            try await warn(Reached(budget, threshold, spent, period), at: now)
        }
    }

    private func budgets(in currencies: Set<String>) async throws -> [Budget] {
        var budgets: [Budget] = []
        for currency in currencies {
            budgets += try await access.query(
                "select \(Noun.budget.columns) from budgets where workspace_id = $1 and currency = $2",
                [Value(try scope.workspace), .text(currency)], Noun.budget.item
            ).compactMap { Budget($0) }
        }
        // All writers take the locks in one order, so that none waits for another in a circle.
        return budgets.sorted { $0.id < $1.id }
    }

    /// Keeps other writers out until the transaction ends. Of two expenses that reach a threshold only
    /// together, the second waits here, and then sees the first.
    private func lock(_ budget: Budget) async throws -> Bool {
        try await access.execute(
            "update budgets set version = version where workspace_id = $1 and id = $2",
            [Value(try scope.workspace), Value(budget.id)]) == 1
    }

    /// The thresholds that are reached and were not told yet in this period.
    private func unsaid(
        _ budget: Budget, _ spent: Amount, _ period: ClosedRange<CivilDay>
    ) async throws -> [Int] {
        let reached = budget.reached(by: spent)
        guard !reached.isEmpty else { return [] }
        let said = try await access.query(
            """
            select threshold from budget_alerts
            where workspace_id = $1 and budget_id = $2 and period_start = $3
            """, [Value(try scope.workspace), Value(budget.id), .text(period.lowerBound.text)]
        ) { try $0.get("threshold", as: Int.self) }
        return reached.filter { !said.contains($0) }
    }

    private func warn(_ reached: Reached, at now: Moment) async throws {
        let alert = try await store.rows(.budgetAlerts).create(reached.values, at: now)
        let names = try await access.query(
            "select name from budgets where workspace_id = $1 and id = $2",
            [Value(try scope.workspace), Value(reached.budget.id)]
        ) { try $0.get("name", as: String.self) }
        let news = Store.Notifications.News(
            kind: "budget_alert", title: reached.title(names.first ?? ""), body: reached.body,
            subject: alert.id)
        try await store.notifications.add(news, to: store.notifications.keepers(), at: now)
    }
}

/// A threshold that a budget has reached in a period.
private struct Reached {
    let budget: Budget
    let threshold: Int
    let spent: Amount
    let period: ClosedRange<CivilDay>

    init(_ budget: Budget, _ threshold: Int, _ spent: Amount, _ period: ClosedRange<CivilDay>) {
        (self.budget, self.threshold, self.spent, self.period) = (budget, threshold, spent, period)
    }

    var values: Values {
        Values([
            "budget_id": JSON(budget.id), "period_start": .string(period.lowerBound.text),
            "period_end": .string(period.upperBound.text), "threshold": JSON(threshold),
            "amount": .string(budget.amount.text(in: budget.currency)),
            "spent": .string(spent.text(in: budget.currency)), "currency": .string(budget.currency.code),
        ])
    }

    func title(_ name: String) -> String { "The budget \(name) has reached \(threshold) %." }

    var body: String {
        let (currency, first, last) = (budget.currency, period.lowerBound.text, period.upperBound.text)
        return
            "\(spent.text(in: currency)) of \(budget.amount.text(in: currency)) \(currency.code) were spent "
            + "from \(first) to \(last)."
    }
}

extension Store.Finances.Tree {
    fileprivate func counts(_ booking: Booking, to budget: Budget) -> Bool {
        guard budget.currency == booking.currency else { return false }
        guard let wanted = budget.category else { return true }
        return booking.category.map { ancestors(of: $0).contains(wanted) } ?? false
    }
}
