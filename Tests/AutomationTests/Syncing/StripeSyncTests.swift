import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Stripe's balance` {
    private static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_"), on: engine, body)
    }

    /// Seconds since 1970, in 2026.
    private static let start: Int64 = 1_770_000_000

    private static func move(
        _ amount: Int64, _ currency: String = "eur", fee: Int64 = 0, after seconds: Int = 0,
        type: String = "charge"
    ) -> JSON {
        [
            "move": [
                "amount": .integer(amount), "currency": .string(currency), "fee": .integer(fee),
                "type": .string(type), "description": .string("Move \(seconds)"),
                "created": .integer(start + Int64(seconds)),
            ]
        ]
    }

    private static func amounts(_ sync: SyncHouse) async throws -> [String] {
        try await sync.items(.transactions).map {
            "\($0["amount"].string ?? "") \($0["currency"].string ?? "") \($0["kind"].string ?? "")"
        }.sorted()
    }

    @Test(arguments: Engine.allCases)
    func `becomes exact transactions, with the fees apart`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(Self.move(10_000, fee: 320))
            try await sync.stand.act(Self.move(1_999, "jpy", after: 1))
            try await sync.stand.act(Self.move(-2_500, "usd", after: 2, type: "refund"))
            try await sync.stand.act(Self.move(-7_180, after: 3, type: "payout"))
            try await sync.stand.act(Self.move(12_340, "kwd", after: 4))
            try await sync.stand.act(Self.move(50_000, "isk", after: 5))
            try await sync.read()
            #expect(
                try await Self.amounts(sync) == [
                    "-25.00 USD expense", "-3.20 EUR expense", "-71.80 EUR transfer", "100.00 EUR income",
                    "12.340 KWD income", "1999 JPY income", "500 ISK income",
                ])
            let charge = try await sync.item(.transactions, "amount", "100.00")
            #expect(charge["occurred_on"].string == "2026-02-02")
            #expect(charge["account"].string == "Stripe")
        }
    }

    @Test(arguments: Engine.allCases)
    func `is neither lost nor booked twice, page by page and reading by reading`(
        engine: Engine
    ) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 3])
            let stumbling = Stumbling(try sync.sync)
            for number in 1...10 { try await sync.stand.act(Self.move(100, fee: 1, after: number)) }
            try await sync.read(by: stumbling)
            #expect(try await sync.items(.transactions).count == 20)
            // As old as those that are known, and yet new.
            for number in 8...14 { try await sync.stand.act(Self.move(100, after: number)) }
            try await sync.read(by: stumbling)
            try await sync.read(by: stumbling)
            #expect(try await sync.items(.transactions).count == 27)
            #expect(stumbling.crashes >= 6)
        }
    }

    @Test func `brings what comes while it is read with the next reading`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 { try await sync.stand.act(Self.move(100, after: number)) }
            let run = SyncRun(sync.connection, try sync.sync, sync.house.store)
            _ = try await run.step("balance")
            try await sync.stand.act(Self.move(777, after: 1_000))
            try await sync.read()
            try await sync.read()
            #expect(try await sync.items(.transactions).count == 6)
        }
    }

    @Test func `is not booked beside what a file has brought already`() async throws {
        try await Self.with { sync in
            let answer = try await sync.stand.act(Self.move(4_200))
            let id = try #require(answer["id"]?.string)
            try await sync.store.rows(.transactions).create(
                Values([
                    "amount": "42.00", "currency": "EUR", "occurred_on": "2026-02-02",
                    "external_id": .string(id), "notes": "From a file",
                ]))
            #expect(try await sync.read().created == 0)
            #expect(try await sync.texts(.transactions, "notes") == ["From a file"])
        }
    }

    @Test func `locks out a key that is refused`() async throws {
        try await Self.with { sync in
            try await sync.stand.fault([
                "kind": "status", "status": 401,
                "body": ["error": ["type": "invalid_request_error", "message": "Invalid API Key"]],
            ])
            let failure = await #expect(throws: Failure.self) { try await sync.read() }
            #expect(failure?.kind == .unauthorized)
        }
    }
}
