import Core
import Store
import TestHouse
import Testing

@Suite struct `The effects ledger` {
    private func intent(_ attempt: Int = 1, hash: String = "h") -> Store.Effects.Intent {
        .init(provider: "smtp", requestHash: hash, job: Self.job, attempt: attempt)
    }

    private static let job = ID()

    @Test(arguments: Engine.allCases)
    func `gives the receipt to whoever begins again`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            #expect(try await effects.begin(workspace, key: "k", intent()) == .fresh)
            #expect(try await effects.receipt(workspace, key: "k", "250 ok"))
            #expect(try await effects.begin(workspace, key: "k", intent(2)) == .receipt("250 ok"))
            #expect(try await !effects.receipt(workspace, key: "k", "another"))
            #expect(
                try await effects.begin(workspace, key: "k", intent(2, hash: "x")) == .conflict(hash: "h"))
            #expect(try await effects.find(workspace, key: "k")?.detail == "250 ok")
            #expect(try await effects.begin(house.other, key: "k", intent(hash: "x")) == .fresh)
            await refuses(.missing) { try await effects.receipt(workspace, key: "none", "r") }
        }
    }

    @Test(arguments: Engine.allCases)
    func `calls an intent without receipt unknown, until it is resolved`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            let start = Moment(milliseconds: 1_000)
            #expect(try await effects.begin(workspace, key: "k", intent(), at: start) == .fresh)
            await refuses(.conflict) {
                try await effects.resolve(workspace, key: "k", as: .sent(receipt: "r"))
            }
            let unknown = Store.Effects.Beginning.unknown(since: start, job: Self.job, attempt: 1)
            #expect(try await effects.begin(workspace, key: "k", intent(2)) == unknown)
            #expect(try await effects.begin(workspace, key: "k", intent(3)) == unknown)
            #expect(try await effects.list(workspace, .unknown).map(\.key) == ["k"])
            #expect(try await effects.list(house.other, .unknown) == [])
            await refuses(.conflict) {
                try await effects.resolve(house.other, key: "k", as: .sent(receipt: "r"))
            }
            try await effects.resolve(workspace, key: "k", as: .notSent(reason: "not in the log"))
            #expect(try await effects.begin(workspace, key: "k", intent(4)) == .fresh)
            #expect(try await effects.begin(workspace, key: "k", intent(5)) != .fresh)
            try await effects.resolve(workspace, key: "k", as: .sent(receipt: "seen"))
            #expect(try await effects.begin(workspace, key: "k", intent(6)) == .receipt("seen"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `takes a receipt that comes late, and one failure of its own attempt only`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            #expect(try await effects.begin(workspace, key: "k", intent(1)) == .fresh)
            #expect(try await effects.failed(workspace, key: "k", intent(1), reason: "refused"))
            #expect(try await effects.begin(workspace, key: "k", intent(2)) == .fresh)
            #expect(try await !effects.failed(workspace, key: "k", intent(1), reason: "stale"))
            #expect(try await effects.begin(workspace, key: "k", intent(3)) != .fresh)
            #expect(try await effects.receipt(workspace, key: "k", "late"))
            #expect(try await !effects.failed(workspace, key: "k", intent(2), reason: "no"))
            #expect(try await effects.begin(workspace, key: "k", intent(4)) == .receipt("late"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `hands an unknown call to one that repeats it under the provider's key`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            _ = try await effects.begin(workspace, key: "k", intent(1))
            #expect(try await !effects.retake(workspace, key: "k", intent(2)))
            _ = try await effects.begin(workspace, key: "k", intent(2))
            #expect(try await !effects.retake(workspace, key: "k", intent(2, hash: "x")))
            let winners = try await race(20) {
                try await effects.retake(workspace, key: "k", intent(2 + $0))
            }
            #expect(winners.filter { $0 }.count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `lets one of fifty begin`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let found = try await race(50) {
                try await house.store.effects.begin(house.workspace, key: "k", intent($0))
            }
            #expect(found.filter { $0 == .fresh }.count == 1)
            #expect(found.allSatisfy { if case .conflict = $0 { false } else { true } })
            #expect(try await house.store.effects.find(house.workspace, key: "k")?.state == .unknown)
        }
    }
}

/// What `count` tasks that run at once return.
func race<T: Sendable>(_ count: Int, _ work: @escaping @Sendable (Int) async throws -> T) async throws -> [T]
{
    try await withThrowingTaskGroup(of: T.self) { group in
        for number in 0..<count { group.addTask { try await work(number) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
