import Automation
import Core
import Store
import Synchronization
import TestHouse
import Testing

@Suite struct `The effects ledger` {
    private func effect(_ house: FreshStore, attempt: Int = 1, hash: String = "h") -> Effect {
        Effect(
            workspace: house.workspace, key: "send:1", provider: "test", requestHash: hash, job: ID(),
            attempt: attempt)
    }

    @Test(arguments: Engine.allCases) func `makes a call once and remembers its receipt`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ledger = Ledger(house.store)
            let calls = Atomic(0)
            for attempt in 1...3 {
                let result = try await ledger.once(effect(house, attempt: attempt)) {
                    calls.add(1, ordering: .relaxed)
                    return .made(receipt: ["id": "r1"])
                }
                guard case .receipt(let receipt) = result else {
                    Issue.record("no receipt in attempt \(attempt)")
                    return
                }
                #expect(receipt["id"]?.string == "r1")
            }
            #expect(calls.load(ordering: .relaxed) == 1)
        }
    }

    @Test(arguments: Engine.allCases) func `never repeats a call whose receipt was lost`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            // The worker died between the intent and the receipt.
            let lost = Store.Effects.Intent(provider: "test", requestHash: "h", job: ID(), attempt: 1)
            _ = try await house.store.effects.begin(house.workspace, key: "send:1", lost)
            let result = try await Ledger(house.store).once(effect(house, attempt: 2)) {
                Issue.record("the call was made a second time")
                return .made(receipt: [:])
            }
            guard case .unknown = result else {
                Issue.record("the lost call does not count as unknown")
                return
            }
        }
    }

    @Test(arguments: Engine.allCases) func `tries again what was certainly not made`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ledger = Ledger(house.store)
            await #expect(throws: Failure.self) {
                _ = try await ledger.once(effect(house)) { .failed(Failure(.unavailable, "refused")) }
            }
            let result = try await ledger.once(effect(house, attempt: 2)) { .made(receipt: ["id": "r2"]) }
            guard case .receipt(let receipt) = result else {
                Issue.record("the second attempt was not made")
                return
            }
            #expect(receipt["id"]?.string == "r2")
        }
    }

    @Test(arguments: Engine.allCases) func `keeps an unclear call for a person`(_ engine: Engine) async throws
    {
        try await FreshStore.with(engine) { house async throws in
            let ledger = Ledger(house.store)
            let first = try await ledger.once(effect(house)) { .unclear(Failure(.unavailable, "lost")) }
            let second = try await ledger.once(effect(house, attempt: 2)) {
                Issue.record("an unclear call was repeated")
                return .made(receipt: [:])
            }
            for result in [first, second] {
                guard case .unknown = result else {
                    Issue.record("an unclear call is not unknown")
                    continue
                }
            }
            try await house.store.effects.resolve(
                house.workspace, key: "send:1", as: .notSent(reason: "the log says so"))
            let third = try await ledger.once(effect(house, attempt: 3)) { .made(receipt: ["id": "r3"]) }
            guard case .receipt = third else {
                Issue.record("a resolved call was not made")
                return
            }
        }
    }

    @Test func `refuses the same key for another request`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let ledger = Ledger(house.store)
            _ = try await ledger.once(effect(house)) { .made(receipt: [:]) }
            await #expect(throws: Failure.self) {
                _ = try await ledger.once(effect(house, hash: "other")) { .made(receipt: [:]) }
            }
        }
    }
}
