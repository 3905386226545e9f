import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `The budget for models` {
    private let call = Store.Spending.Call(job: ID(), connection: ID(), model: "m", purpose: "test")
    private let now = Moment.now
    private var day: String { String(now.text.prefix(10)) }

    private func settings(day: Int? = nil, month: Int? = nil) throws -> ModelSettings {
        try ModelSettings(
            Values(["day_budget_micro": JSON(day), "month_budget_micro": JSON(month)].filter { $1 != .null }))
    }

    @Test(arguments: Engine.allCases)
    func `is never overshot by fifty at once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let spending = house.ours.spending
            let limits = try settings(day: 1_000)
            let spent = try await withThrowingTaskGroup(of: Int64.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        do {
                            let held = try await spending.reserve(
                                most(100), within: limits, for: call, at: now)
                            let cost = Int64(40 + index % 60)
                            try await spending.settle(
                                held, .init(input: 1, output: 1, cost_micro: cost))
                            return cost
                        } catch let failure as Failure where failure.kind == .limited { return 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            let balance = try await spending.balance(of: day)
            #expect(balance.spent_micro == spent)
            #expect(spent > 0)
            #expect(spent <= 1_000)
            #expect(balance.reserved_micro == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `says whether waiting helps`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let spending = house.ours.spending
            let limits = try settings(day: 150, month: 1_000)
            let held = try await spending.reserve(most(100), within: limits, for: call, at: now)
            let waiting = await refusal {
                try await spending.reserve(most(100), within: limits, for: call, at: now)
            }
            #expect(waiting?.retryAfter != nil)
            #expect(waiting?.isPermanent == false)
            try await spending.settle(held, .init(input: 1, output: 1, cost_micro: 90))
            let spent = await refusal {
                try await spending.reserve(most(100), within: limits, for: call, at: now)
            }
            #expect(spent?.kind == .limited)
            #expect(spent?.isPermanent == true)
            #expect(try await house.theirs.spending.balance(of: day).spent_micro == 0)
            #expect(try await spending.balance(of: String(day.prefix(7))).spent_micro == 90)
        }
    }

    @Test(arguments: Engine.allCases)
    func `pays for what died as an estimate, once, also where it then refuses`(_ engine: Engine) async throws
    {
        try await FreshStore.with(engine) { house async throws in
            let spending = house.ours.spending
            let limits = try settings(day: 150)
            let dead = try await spending.reserve(most(100), within: limits, for: call, at: now)
            let month = String(day.prefix(7))
            let later = now + Store.Spending.longest + .seconds(1)
            let refused = await refusal {
                try await spending.reserve(
                    most(1), within: try settings(day: 0, month: 0), for: call, at: later)
            }
            #expect(refused?.kind == .limited)
            let paid = Store.Spending.Balance(spent_micro: 100, reserved_micro: 0, estimated_micro: 100)
            #expect(try await spending.balance(of: day) == paid)
            #expect(try await spending.balance(of: month) == paid)
            try await spending.cancel(dead)
            try await spending.settle(dead, .init(input: 1, output: 1, cost_micro: 7))
            #expect(try await spending.balance(of: day) == paid)
            let usage = try await house.database.query("select model, is_estimate from model_usage")
            #expect(usage.count == 1)
            #expect(try usage.first?.get("model") == "m" && usage.first?.get("is_estimate") == true)
        }
    }

    private func most(_ cost_micro: Int64) -> Store.Spending.Bill {
        .init(input: 3, output: 4, cost_micro: cost_micro, isEstimate: true)
    }

    private func refusal(_ body: () async throws -> some Sendable) async -> Failure? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? Failure }
    }
}
