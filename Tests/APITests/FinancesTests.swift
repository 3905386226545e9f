import Core
import Curl
import TestHouse
import Testing

@testable import API

extension Running {
    fileprivate func book(_ amount: String, _ more: [JSON.Member] = []) async throws -> Heard {
        try await post(
            "/api/finances/transactions",
            .object(
                [
                    .init("amount", .string(amount)), .init("currency", "EUR"),
                    .init("occurred_on", "2026-05-05"),
                ] + more))
    }

    fileprivate func upload(_ text: String, _ query: String = "") async throws -> Heard {
        try await ask(
            "POST", "/api/finances/transactions/import\(query)", .bytes(Array(text.utf8)),
            as: .init(key: key, type: "text/csv"))
    }
}

@Suite struct `Finances` {
    @Test(arguments: Engine.allCases)
    func `keep a transaction through its whole life`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            let food = try await house.post("/api/finances/categories", ["name": "Food", "color": "#00ff00"])
            #expect(food.status == 201)
            let made = try await house.book("-12.3", [.init("category", "food"), .init("tags", ["a"])])
            #expect(made.status == 201)
            #expect(made.json["amount"] == "-12.30" && made.json["kind"] == "expense")
            #expect(made.json["category"] == "Food" && made.json["category_id"] == food.json["id"])
            let path = try #require(made["location"])
            let etag = try #require(made["etag"])
            let changed = try await house.send("PUT", path, ["amount": "-13"], ["If-Match": etag])
            #expect(changed.json["amount"] == "-13.00" && changed.json["description"] == "")
            #expect(try await house.send("PUT", path, ["amount": "-14"], ["If-Match": etag]).status == 412)
            #expect(try await house.get(path).json == changed.json)
            #expect(try await house.get(path, key: house.stranger).status == 404)
            let history = try await house.get("\(path)/history").json["changes"]?.array
            #expect(history?.map { $0["event"] } == ["transaction:updated", "transaction:created"])
            #expect(try await house.delete(path).status == 204)
            #expect(try await house.get(path).status == 404)
        }
    }

    @Test func `are refused where a field breaks a rule`() async throws {
        try await Running.with { house in
            let cases: [(String, [JSON.Member], String)] = [
                ("1.234", [], "422 /amount"), ("0", [], "422 /amount"), ("1e3", [], "422 /amount"),
                ("1", [.init("kind", "expense")], "422 /amount"),
                ("1", [.init("category", "None")], "422 /category"),
                ("1", [.init("spent", "1")], "400 /spent"), ("1", [.init("merchant", 5)], "400 /merchant"),
            ]
            for (amount, more, refusal) in cases {
                #expect(try await house.book(amount, more).refusal == refusal, "\(amount) \(more)")
            }
            let number = try await house.post(
                "/api/finances/transactions", ["amount": 1.5, "currency": "EUR", "occurred_on": "2026-05-05"])
            #expect(number.refusal == "400 /amount")
        }
    }

    @Test func `are narrowed, ordered and read page by page`() async throws {
        try await Running.with { house in
            for amount in ["-5", "-1", "-3", "10"] { _ = try await house.book(amount) }
            func amounts(_ query: String) async throws -> [JSON?] {
                let page = try await house.get("/api/finances/transactions?\(query)")
                return page.json["transactions"]?.array?.map { $0["amount"] } ?? []
            }
            #expect(try await amounts("sort=amount") == ["-5.00", "-3.00", "-1.00", "10.00"])
            #expect(try await amounts("min=-3&max=0&sort=-amount") == ["-1.00", "-3.00"])
            #expect(try await amounts("from=2026-05-06") == [])
            #expect(try await amounts("to=2026-05-05&kind=income") == ["10.00"])
            let first = try await house.get("/api/finances/transactions?sort=amount&limit=2")
            let next = try #require(first.json["next_cursor"]?.string)
            #expect(try await amounts("sort=amount&limit=2&cursor=\(next)") == ["-1.00", "10.00"])
            #expect(try await house.get("/api/finances/transactions?min=x").status == 400)
            #expect(try await house.get("/api/finances/transactions?from=2026-02-30").status == 400)
        }
    }

    @Test(arguments: Engine.allCases)
    func `import a file twice without duplicates, and sum it up exactly`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            _ = try await house.post("/api/finances/categories", ["name": "Food"])
            let text = """
                Valuta;Betrag;Empfänger;payee;category
                01.02.2026;-0.10;x;A;Food
                01.02.2026;-0.10;x;A;Food
                02.03.2026;0.3;x;B;
                30.02.2026;1;x;C;
                03.03.2026;-1;x;D;Toys
                """
            let query = "?date_format=DD.MM.YYYY&currency=EUR&columns=occurred_on:Valuta,amount:Betrag"
            let done = try await house.upload(text, query)
            #expect(done.status == 200, "\(done.text)")
            #expect(done.json["rows"] == 5 && done.json["created"] == 3 && done.json["rejected"] == 2)
            #expect(done.json["errors"]?.array?.map { $0["line"] } == [5, 6])
            #expect(done.json["errors"]?.array?.map { $0["column"] } == ["occurred_on", "category"])
            #expect(done.json["ignored_columns"] == ["Empfänger"])
            let again = try await house.upload(text, query)
            #expect(again.json["created"] == 0 && again.json["duplicates"] == 3)
            let summary = try await house.get("/api/finances/summary?group_by=month").json
            #expect(summary["totals"]?.array?.first?["net"] == "0.10")
            #expect(summary["groups"]?.array?.map { $0["key"] } == ["2026-02", "2026-03"])
            #expect(summary["groups"]?.array?.map { $0["expense"] } == ["-0.20", "0.00"])
            let named = try await house.get("/api/finances/summary?group_by=category").json["groups"]?.array
            #expect(named?.map { $0["category"] } == [.null, "Food"])
        }
    }

    @Test func `refuse a file that is none`() async throws {
        try await Running.with { house in
            #expect(try await house.upload("").status == 422)
            #expect(try await house.upload("date,amount\n", "?columns=amount:Betrag").status == 422)
            #expect(try await house.upload("date,amount\n", "?columns=amount").status == 400)
            #expect(try await house.upload("name\n").status == 422)
            #expect(try await house.upload("date,amount\n", "?currency=EUX").status == 400)
            let rows = String(repeating: "2026-01-01,-1,EUR\n", count: 20_001)
            #expect(try await house.upload("date,amount,currency\n" + rows).status == 413)
            let json = try await house.post("/api/finances/transactions/import", ["a": 1])
            #expect(json.status == 415)
        }
    }

    @Test func `apply rules to what has no category, and keep categories in use`() async throws {
        try await Running.with { house in
            _ = try await house.book("-1", [.init("merchant", "REWE Markt")])
            let food = try await house.post("/api/finances/categories", ["name": "Food"])
            let rule = try await house.post(
                "/api/finances/rules",
                [
                    "name": "Groceries", "category_id": food.json["id"] ?? nil, "field": "merchant",
                    "value": "rewe",
                ])
            #expect(rule.status == 201)
            let empty = try await house.post(
                "/api/finances/rules", ["name": "All", "category_id": food.json["id"] ?? nil])
            #expect(empty.refusal == "422 /field")
            let done = try await house.ask("POST", "/api/finances/rules/apply", as: .init(key: house.key))
            #expect(done.json == ["examined": 1, "categorized": 1, "next_cursor": nil])
            #expect(try await house.delete(try #require(food["location"])).status == 409)
        }
    }

    @Test func `show budgets, their alerts and insights with evidence`() async throws {
        try await Running.with { house in
            let budget = try await house.post(
                "/api/finances/budgets", ["name": "All", "amount": "10", "currency": "EUR", "period": "year"])
            #expect(budget.json["thresholds"] == [80, 100] && budget.json["spent"] == "0.00")
            let today = try #require(budget.json["created_at"]?.string).prefix(10)
            _ = try await house.post(
                "/api/finances/transactions",
                ["amount": "-9", "currency": "EUR", "occurred_on": .string(String(today))])
            let shown = try await house.get(try #require(budget["location"])).json
            #expect(shown["spent"] == "9.00" && shown["left"] == "1.00" && shown["percent"]?.double == 90)
            let alerts = try await house.get("/api/finances/alerts").json["budget_alerts"]?.array
            #expect(alerts?.map { $0["threshold"] } == [80])
            #expect(try await house.get("/api/notifications").json["notifications"]?.array?.count == 1)
            for month in 1...4 {
                let day = JSON.string("2026-0\(month)-03")
                _ = try await house.post(
                    "/api/finances/transactions",
                    ["amount": "-9.99", "currency": "EUR", "occurred_on": day, "merchant": "Streamly"])
            }
            let found = try await house.get("/api/finances/insights?on=2026-04-20&kind=recurring").json
            let payment = try #require(found["insights"]?.array?.first)
            #expect(payment["figures"]?["cadence"] == "monthly")
            #expect(payment["figures"]?["next_on"] == "2026-05-03")
            #expect(payment["evidence"]?["transaction_count"] == 4)
            #expect(try await house.get("/api/finances/insights?on=tomorrow").status == 400)
        }
    }
}
