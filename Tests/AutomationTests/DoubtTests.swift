import Automation
import Core
import Store
import Synchronization
import TestHouse
import Testing

@Suite struct `A call of unknown end` {
    private func effect(_ house: FreshStore, _ key: String = "send:1", attempt: Int = 2) -> Effect {
        Effect(
            workspace: house.workspace, key: key, provider: "test", requestHash: "h", job: ID(),
            attempt: attempt)
    }

    /// What a worker leaves behind that died between intent and receipt, `age` ago.
    private func abandon(
        _ house: FreshStore, _ key: String = "send:1", age: Duration = .seconds(60)
    ) async throws {
        let intent = Store.Effects.Intent(provider: "test", requestHash: "h", job: ID(), attempt: 1)
        _ = try await house.store.effects.begin(
            house.workspace, key: key, intent, at: Moment.now + (.zero - age))
    }

    private func id(_ result: Ledger.Result) -> String? {
        guard case .receipt(let receipt) = result else { return nil }
        return receipt["id"]?.string
    }

    @Test(arguments: Engine.allCases)
    func `is not made again when the provider knows of it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await abandon(house)
            let result = try await Ledger(house.store).once(
                effect(house), doubt: .ask { _ in .made([["id": "r1"]]) }
            ) {
                Issue.record("what was made is made again")
                return .made(receipt: ["id": "r2"])
            }
            #expect(id(result) == "r1")
            let entry = try await house.store.effects.find(house.workspace, key: "send:1")
            #expect(entry?.state == .receipt)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is made when the provider knows nothing of it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await abandon(house)
            let asked = Atomic(0)
            let result = try await Ledger(house.store).once(
                effect(house),
                doubt: .ask { since in
                    asked.add(1, ordering: .relaxed)
                    #expect(since < Moment.now + .seconds(-100))
                    return .made([])
                }
            ) { .made(receipt: ["id": "r2"]) }
            #expect(id(result) == "r2")
            #expect(asked.load(ordering: .relaxed) == 1)
        }
    }

    @Test func `is asked about a second time before a young no counts`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            try await abandon(house, age: Ledger.settling - .milliseconds(300))
            let asked = Atomic(0)
            let result = try await Ledger(house.store).once(
                effect(house),
                doubt: .ask { _ in
                    // It took effect a moment after the first question.
                    asked.add(1, ordering: .relaxed).newValue == 1 ? .made([]) : .made([["id": "r1"]])
                }
            ) {
                Issue.record("what was made is made again")
                return .made(receipt: ["id": "r2"])
            }
            #expect(id(result) == "r1")
        }
    }

    @Test func `is a person's turn when the provider cannot tell`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            try await abandon(house)
            let result = try await Ledger(house.store).once(effect(house), doubt: .ask { _ in .silent }) {
                Issue.record("a silent provider counts as a no")
                return .made(receipt: [:])
            }
            guard case .unknown = result else {
                Issue.record("the lost call does not count as unknown")
                return
            }
            let listed = try await house.store.effects.list(house.workspace, .unknown)
            #expect(listed.map(\.key) == ["send:1"])
            #expect(Advice.of(try #require(listed.first))?.contains("resolve") == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `shares what was made with no equal call that asks at the same time`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let keys = (1...8).map { "send:\($0)" }
            for key in keys { try await abandon(house, key) }
            let ledger = Ledger(house.store)
            let asking = Gathering(of: keys.count)
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for key in keys {
                    group.addTask {
                        let question: Ledger.Question = { _ in
                            // None has an answer before all have asked.
                            asking.arrive()
                            while !asking.isComplete { await Task.yield() }
                            return .made([["id": "one"], ["id": "two"]])
                        }
                        return id(
                            try await ledger.once(effect(house, key), doubt: .ask(question)) {
                                .made(receipt: ["id": .string(key)])
                            })
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ids.filter { $0 == "one" }.count == 1)
            #expect(ids.filter { $0 == "two" }.count == 1)
            #expect(Set(ids).count == keys.count)
        }
    }

    @Test(arguments: Engine.allCases)
    func `never takes what another call made for its own`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ledger = Ledger(house.store)
            _ = try await ledger.once(effect(house, "send:0")) { .made(receipt: ["id": "r0"]) }
            try await abandon(house)
            let result = try await ledger.once(
                effect(house), doubt: .ask { _ in .made([["id": "r0"]]) }
            ) { .made(receipt: ["id": "r1"]) }
            #expect(id(result) == "r1")
        }
    }
}

/// Counts those who came, so that each can wait for all.
private final class Gathering: Sendable {
    private let count: Int
    private let arrived = Mutex(0)

    init(of count: Int) { self.count = count }

    var isComplete: Bool { arrived.withLock { $0 == count } }

    func arrive() { arrived.withLock { $0 += 1 } }
}
