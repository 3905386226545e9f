import Core
import Store
import TestHouse
import Testing
import Workspace

extension FreshStore {
    /// The store as the house itself works in the workspace.
    var ours: Store { store.scoped(Scope(workspace: workspace)) }
    var theirs: Store { store.scoped(Scope(workspace: other)) }

    /// Adds a member and returns the store as they see it.
    func member(_ name: String, _ role: Store.Role = .member) async throws -> (id: ID, store: Store) {
        let user = Store.Users.Entry(
            workspace: workspace, email: "\(name)@example.org", name: name, role: role)
        try await store.users.create(user)
        let scope = Scope(workspace: workspace, user: user.id, actor: "user:\(user.id)")
        return (user.id, store.scoped(scope))
    }
}

extension Store {
    /// Adds a transaction of today, unless told otherwise.
    @discardableResult
    func book(
        _ amount: String, _ currency: String = "EUR", on day: String = CivilDay(.now).text,
        _ more: [String: JSON] = [:]
    ) async throws -> Item {
        let values: [String: JSON] = [
            "amount": .string(amount), "currency": .string(currency), "occurred_on": .string(day),
        ]
        return try await rows(.transactions).create(Values(values.merging(more) { $1 }))
    }

    func category(_ name: String, within parent: ID? = nil) async throws -> ID {
        try await rows(.categories).create(Values(["name": .string(name), "parent_id": JSON(parent)])).id
    }

    func rule(_ value: String, to category: ID, _ more: [String: JSON] = [:]) async throws {
        let values: [String: JSON] = [
            "name": .string(value), "category_id": JSON(category), "field": "merchant",
            "value": .string(value),
        ]
        try await rows(.categoryRules).create(Values(values.merging(more) { $1 }))
    }
}

@Suite struct `A transaction` {
    @Test(arguments: Engine.allCases)
    func `is found as it was created, in the digits of its currency`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            for (amount, currency, shown) in [
                ("-12.3", "EUR", "-12.30"), ("1200", "JPY", "1200"), ("0.5", "KWD", "0.500"),
                ("-99999999999999.99", "USD", "-99999999999999.99"),
            ] {
                let made = try await store.book(
                    amount, currency, ["tags": ["a", "b"], "merchant": "Ünï 'x'"])
                #expect(made["amount"].string == shown)
                #expect(made["kind"].string == (amount.hasPrefix("-") ? "expense" : "income"))
                #expect(try await store.rows(.transactions).find(made.id) == made)
                #expect(try await house.theirs.rows(.transactions).find(made.id) == nil)
                let same = try await store.rows(.transactions).update(
                    made.id, Values(["amount": .string(amount)]))
                #expect(same.version == 1)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is refused at the field that is wrong`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let cases: [([String: JSON], String)] = [
                (["amount": "1.5", "currency": "JPY"], "/amount"), (["amount": "0"], "/amount"),
                (["amount": "1.00001"], "/amount"), (["kind": "income"], "/amount"),
                (["currency": "EUX"], "/currency"), (["occurred_on": "2026-02-30"], "/occurred_on"),
                (["category": "Nothing"], "/category"), (["category_id": JSON(ID())], "/category_id"),
            ]
            for (values, pointer) in cases {
                let found = await failure { try await store.book("-1", "EUR", values) }
                #expect(found?.kind == .invalid && found?.pointer == pointer, "\(values)")
            }
            let made = try await store.book("-1", "EUR", ["external_id": "A"])
            let twice = await failure { try await store.book("-2", "EUR", ["external_id": "A"]) }
            #expect(twice?.kind == .conflict && twice?.pointer == "/external_id")
            try await house.theirs.book("-2", "EUR", ["external_id": "A"])
            let turned = await failure {
                try await store.rows(.transactions).update(made.id, Values(["amount": "1"]))
            }
            #expect(turned?.pointer == "/amount")
        }
    }

    @Test(arguments: Engine.allCases)
    func `gets its category by name, by rule, or stays without`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let (food, fuel) = (try await store.category("Food"), try await store.category("Fuel"))
            try await store.rule("rewe", to: food)
            try await store.rule("rewe tank", to: fuel, ["priority": 200])
            try await store.rule("shell", to: fuel, ["enabled": false])
            let cases: [([String: JSON], ID?, String?)] = [
                (["merchant": "REWE Markt"], food, "Food"), (["merchant": "Rewe Tankstelle"], fuel, "Fuel"),
                (["merchant": "Shell"], nil, nil), (["merchant": "REWE", "category_id": .null], nil, nil),
                (["merchant": "REWE", "category": "fuel"], fuel, "Fuel"),
                (["category_id": JSON(food)], food, "Food"),
            ]
            for (values, category, name) in cases {
                let made = try await store.book("-1", "EUR", values)
                #expect(made.values.id("category_id") == category, "\(values)")
                #expect(made["category"].string == name)
            }
            await refuses(.invalid) {
                try await store.book("-1", "EUR", ["category": "Food", "category_id": JSON(fuel)])
            }
            await refuses(.conflict) { try await store.rows(.categories).delete(food) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is filed later when the rules are asked again`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            for number in 0..<7 {
                try await store.book("-1", "EUR", ["merchant": .string("Shop \(number % 2)")])
            }
            let one = try await store.category("One")
            try await store.rule("shop 1", to: one)
            var (cursor, filed, examined) = (ID?.none, 0, 0)
            repeat {
                let step = try await store.finances.fileAgain(after: cursor, limit: 3)
                (cursor, filed, examined) = (step.next, filed + step.filed, examined + step.examined)
            } while cursor != nil
            #expect(filed == 3 && examined == 7)
            #expect(try await store.finances.fileAgain().filed == 0)
            let events = try await store.rows(.transactions).list().filter { $0["category"] == "One" }
            #expect(events.count == 3 && events.allSatisfy { $0.version == 2 })
        }
    }

    @Test(arguments: Engine.allCases)
    func `is narrowed to days, amounts and categories`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let food = try await store.category("Food")
            for (day, amount) in [("2026-01-01", "-5"), ("2026-01-02", "-10"), ("2026-01-03", "20")] {
                try await store.book(
                    amount, "EUR", on: day, amount == "-10" ? ["category_id": JSON(food)] : [:])
            }
            func days(_ change: (inout Rows.Query) -> Void) async throws -> [String?] {
                var query = Rows.Query()
                query.order = Noun.transaction.field("occurred_on")
                query.isAscending = true
                change(&query)
                return try await store.rows(.transactions).list(query).map { $0["occurred_on"].string }
            }
            let (second, ten) = try (#require(CivilDay("2026-01-02")), #require(Decimal4("-10")))
            #expect(try await days { $0.booked(from: second) } == ["2026-01-02", "2026-01-03"])
            #expect(try await days { $0.booked(to: second) } == ["2026-01-01", "2026-01-02"])
            #expect(try await days { $0.amount(atMost: ten) } == ["2026-01-02"])
            #expect(try await days { $0.amount(atLeast: ten) }.count == 3)
            #expect(try await days { $0.filed(under: "fOOd") } == ["2026-01-02"])
        }
    }
}

@Suite struct `A category` {
    @Test(arguments: Engine.allCases)
    func `lies within another, never within itself`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let top = try await store.category("Living")
            let middle = try await store.category("Home", within: top)
            let low = try await store.category("Rent", within: middle)
            for parent in [top, middle, low] {
                let found = await failure {
                    try await store.rows(.categories).update(top, Values(["parent_id": JSON(parent)]))
                }
                #expect(found?.kind == .invalid && found?.pointer == "/parent_id")
            }
            await refuses(.conflict) { try await store.category("lIVING") }
            await refuses(.conflict) { try await store.rows(.categories).delete(middle) }
            try await store.rows(.categories).delete(low)
            try await store.rows(.categories).delete(middle)
        }
    }
}

@Suite struct `A summary` {
    @Test(arguments: Engine.allCases)
    func `is exact beyond what bigints add up to`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            var random = Draw(seed: 7)
            var sums: [String: Amount] = [:]
            for _ in 0..<60 {
                let units = Int64(random.next() % 100_000_000_000_000)
                let currency = ["EUR", "JPY"][Int(random.next() % 2)]
                let cents = currency == "EUR" ? ".\(10 + random.next() % 90)" : ""
                let text = (random.next() % 3 == 0 ? "-" : "") + "\(max(units, 1))\(cents)"
                try await store.book(text, currency, on: "2026-0\(1 + random.next() % 9)-10")
                sums[currency, default: .zero] += try #require(Amount(text))
            }
            for grouping in Store.Finances.Grouping.allCases {
                let totals = try await store.finances.summary(of: .init(), by: grouping)
                for (currency, sum) in sums {
                    #expect(totals.filter { $0.currency.code == currency }.map(\.net).sum == sum)
                }
                #expect(totals.map(\.count).reduce(0, +) == 60)
                #expect(totals.byCurrency.map(\.net) == sums.sorted { $0.key < $1.key }.map(\.value))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `gathers by period and category, and leaves transfers out`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let food = try await store.category("Food")
            try await store.book("-10", "EUR", on: "2026-01-31", ["category_id": JSON(food)])
            try await store.book("-20", "EUR", on: "2026-02-01")
            try await store.book("-7", "EUR", on: "2026-02-01", ["kind": "transfer"])
            try await store.book("100", "EUR", on: "2026-04-01")
            try await house.theirs.book("-1000", "EUR", on: "2026-01-31")
            func keys(_ grouping: Store.Finances.Grouping) async throws -> [String] {
                try await store.finances.summary(of: .init(), by: grouping).map(\.key)
            }
            #expect(try await keys(.month) == ["2026-01", "2026-02", "2026-04"])
            #expect(try await keys(.quarter) == ["2026-Q1", "2026-Q2"])
            #expect(try await keys(.week) == ["2026-W05", "2026-W14"])
            #expect(try await keys(.year) == ["2026"])
            #expect(try await keys(.category) == ["", food.text])
            var span = Store.Finances.Span()
            (span.from, span.to) = (CivilDay("2026-02-01"), CivilDay("2026-02-28"))
            let february = try await store.finances.summary(of: span, by: .currency)
            #expect(february.map { $0.expense.text(decimals: 2) } == ["-20.00"])
            #expect(february.map { $0.transfer.text(decimals: 2) } == ["-7.00"])
            #expect(february.map { $0.net.text(decimals: 2) } == ["-20.00"])
        }
    }
}

/// Numbers by chance that are the same on every run.
private struct Draw {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 11
    }
}
