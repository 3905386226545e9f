import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `An import of transactions` {
    static func drafts(_ rows: [String]) throws -> [TransactionImport.Draft] {
        let text =
            "date,amount,currency,description,payee,external_id,category\n" + rows.joined(separator: "\n")
        var reader = CSV()
        let records = reader.feed(Array(text.utf8)) + reader.finish()
        var file = try TransactionImport(header: try #require(records.first))
        return try records.dropFirst().map { record in
            guard case .draft(let draft) = file.row(record) else { throw Failure(.invalid, "\(record)") }
            return draft
        }
    }

    @Test(arguments: Engine.allCases)
    func `adds nothing the second time, and tells equal rows apart`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let rows = [
                "2026-01-01,-3,EUR,Coffee,,,", "2026-01-01,-3,EUR,Coffee,,,", "2026-01-01,-3,EUR,Tea,,,",
                "2026-01-02,-8,EUR,Cake,,X1,", "2026-01-02,-9,EUR,Bread,,X1,",
            ]
            let first = try await store.finances.take(Self.drafts(rows))
            #expect([first.created, first.duplicates] == [4, 1])
            let second = try await store.finances.take(Self.drafts(rows + ["2026-01-05,-1,EUR,New,,,"]))
            #expect([second.created, second.duplicates] == [1, 5])
            #expect(try await house.theirs.finances.take(Self.drafts(rows)).created == 4)
            #expect(try await store.rows(.transactions).list().count == 5)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of the same file by many at once adds each row once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let rows = (0..<120).map { "2026-01-01,-\($0 + 1).50,EUR,Row \($0),,," }
            let drafts = try Self.drafts(rows)
            let created = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await house.ours.finances.take(drafts).created } }
                return try await group.reduce(0, +)
            }
            #expect(created == 120)
        }
    }

    @Test(arguments: Engine.allCases)
    func `files, journals and finds its rows as if each had been created`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let food = try await store.category("Food")
            try await store.rule("rewe", to: food)
            let intake = try await store.finances.take(
                Self.drafts([
                    "2026-01-01,-3,EUR,Milk,REWE,,", "2026-01-01,-4.5,EUR,Wine,Shop,,fOOd",
                    "2026-01-01,-5,EUR,Nothing,Shop,,Toys",
                ]))
            #expect([intake.created, intake.filed, intake.bad.count] == [2, 1, 1])
            #expect(intake.bad.map(\.column) == ["category"] && intake.bad.map(\.line) == [4])
            var query = Rows.Query()
            query.search = "win"
            let wine = try #require(try await store.rows(.transactions).list(query).first)
            #expect(wine["amount"] == "-4.50" && wine["category"] == "Food")
            let told = try await store.journal.history(
                Store.Scoped(house.workspace, wine.id), noun: "transaction")
            #expect(told.map(\.event) == ["transaction:created"])
            #expect(try told.first?.changes["amount"] == [nil, "-4.50"])
            let changed = try await store.rows(.transactions).update(wine.id, Values(["notes": "red"]))
            #expect(changed.version == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is held against the budgets`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            try await store.rows(.budgets).create(
                Values(["name": "All", "amount": "10", "currency": "EUR", "thresholds": [100]]))
            let today = CivilDay(.now).text
            _ = try await store.finances.take(Self.drafts(["\(today),-6,EUR,a,,,", "\(today),-4,EUR,b,,,"]))
            #expect(try await store.rows(.budgetAlerts).list().count == 1)
        }
    }
}
