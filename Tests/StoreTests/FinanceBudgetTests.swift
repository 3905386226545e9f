import Core
import Store
import TestHouse
import Testing
import Workspace

extension Store {
    fileprivate func budget(_ amount: String, _ more: [String: JSON] = [:]) async throws -> Item {
        let values: [String: JSON] = [
            "name": "Living", "amount": .string(amount), "currency": "EUR", "period": "year",
        ]
        return try await rows(.budgets).create(Values(values.merging(more) { $1 }))
    }

    fileprivate var warned: [Int64?] {
        get async throws { try await rows(.budgetAlerts).list().map { $0["threshold"].integer } }
    }
}

@Suite struct `A kept budget` {
    @Test(arguments: Engine.allCases)
    func `shows what was spent and is left`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let living = try await store.category("Living")
            let rent = try await store.category("Rent", within: living)
            let (all, part) = (
                try await store.budget("1000"), try await store.budget("400", ["category_id": JSON(living)])
            )
            try await store.book("-100.10", "EUR", ["category_id": JSON(rent)])
            try await store.book("-50", "EUR")
            try await store.book("-70", "USD", ["category_id": JSON(rent)])
            try await store.book("-9", "EUR", on: "1999-12-31", ["category_id": JSON(rent)])
            try await store.book("500", "EUR")
            let shown = try await store.rows(.budgets).require(part.id)
            #expect(shown["spent"] == "100.10" && shown["left"] == "299.90")
            #expect(shown["percent"].double == 25.02)
            #expect(try await store.rows(.budgets).require(all.id)["spent"] == "150.10")
        }
    }

    @Test(arguments: Engine.allCases)
    func `warns once a threshold, its keepers and nobody else`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (keeper, member) = (try await house.member("ada", .admin), try await house.member("bob"))
            let store = member.store
            _ = try await store.budget("100")
            try await store.book("-79.99")
            #expect(try await store.warned == [])
            let last = try await store.book("-0.01")
            #expect(try await store.warned == [80])
            try await store.rows(.transactions).delete(last.id)
            try await store.book("-0.01")
            try await store.book("-5")
            #expect(try await store.warned == [80])
            try await store.book("-500")
            #expect(Set(try await store.warned) == [80, 100])
            #expect(try await keeper.store.rows(.notifications).list().count == 2)
            #expect(try await member.store.rows(.notifications).list().isEmpty)
            let alert = try #require(try await store.rows(.budgetAlerts).list().last)
            let told = try await house.ours.journal.history(
                Store.Scoped(house.workspace, alert.id), noun: "budget_alert")
            #expect(told.map(\.event) == ["budget:alert:created"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `warns when only expenses made at once reach a threshold together`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            _ = try await store.budget("100", ["thresholds": [100]])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await store.book("-25") } }
                try await group.waitForAll()
            }
            #expect(try await store.warned == [100])
        }
    }

    @Test(arguments: Engine.allCases)
    func `warns at once when it is made smaller than what was spent`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let budget = try await store.budget("100", ["thresholds": [100]])
            try await store.book("-60")
            #expect(try await store.warned == [])
            try await store.rows(.budgets).update(budget.id, Values(["amount": "60"]))
            #expect(try await store.warned == [100])
            try await store.rows(.budgets).delete(budget.id)
            #expect(try await store.warned == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is refused at the field that is wrong`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let cases: [([String: JSON], String)] = [
                (["amount": "0"], "/amount"), (["amount": "-5"], "/amount"),
                (["amount": "1.234"], "/amount"), (["period": "week"], "/period"),
                (["thresholds": [0]], "/thresholds/0"), (["thresholds": [80, 80.5]], "/thresholds/1"),
                (["thresholds": [80, 80]], "/thresholds"), (["thresholds": "80"], "/thresholds"),
            ]
            for (values, pointer) in cases {
                let found = await failure { try await house.ours.budget("100", values) }
                #expect(found?.kind == .invalid && found?.pointer == pointer, "\(values)")
            }
        }
    }
}
