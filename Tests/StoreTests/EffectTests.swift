import Core
import SQL
import Store
import Synchronization
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
    func `lets one of twenty calls have what the provider made`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            for number in 0..<20 {
                for attempt in 1...2 {
                    _ = try await effects.begin(workspace, key: "k\(number)", intent(attempt))
                }
            }
            let claims = try await race(20) {
                try await effects.claim(workspace, key: "k\($0)", externalID: "SM1", receipt: "{}")
            }
            #expect(claims.filter { $0 }.count == 1)
            let entries = try await effects.list(workspace, .receipt)
            #expect(entries.count == 1)
            #expect(try await effects.list(workspace, .unknown).count == 19)
            let winner = try #require(entries.first)
            #expect(
                try await !effects.claim(workspace, key: winner.key, externalID: "SM2", receipt: "{}"),
                "What is known is not claimed again.")
        }
    }

    @Test func `lets no call have what another is about to commit`() async throws {
        try await FreshStore.with(.postgres) { house async throws in
            let (store, workspace) = (house.store, house.workspace)
            // With a connection of its own to look on, for the two that race have the others.
            let server = try await Databases.open(FreshDatabase.superuserURL, connections: 1, log: .quiet)
            for key in ["a", "b"] {
                for attempt in 1...2 {
                    _ = try await store.effects.begin(workspace, key: key, intent(attempt))
                }
            }
            let second = Second()
            let isFirst = try await store.transaction { inner in
                let isOurs = try await inner.effects.claim(
                    workspace, key: "a", externalID: "SM1", receipt: "{}")
                second.start {
                    try await store.effects.claim(workspace, key: "b", externalID: "SM1", receipt: "{}")
                }
                while !second.hasEnded {
                    if try await someWait(server) { break }
                }
                return isOurs
            }
            #expect(isFirst)
            let isSecond = try await second.value
            #expect(isSecond == false)
            await server.close()
        }
    }

    private func someWait(_ server: any Database) async throws -> Bool {
        // For the transaction of another; what other tests wait for on this server is for rows of theirs.
        let sql = """
            select 1 from pg_stat_activity
            where wait_event = 'transactionid' and query like 'update effects%'
            """
        return try await !server.query(sql, []).isEmpty
    }

    @Test(arguments: Engine.allCases)
    func `takes back what a call claimed before the one that made it has its receipt`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            for attempt in 1...2 { _ = try await effects.begin(workspace, key: "a", intent(attempt)) }
            _ = try await effects.begin(workspace, key: "b", intent())
            #expect(try await effects.claim(workspace, key: "a", externalID: "SM1", receipt: "{}"))
            #expect(try await effects.receipt(workspace, key: "b", "{}", externalID: "SM1"))
            #expect(try await effects.list(workspace, .unknown).map(\.key) == ["a"])
            #expect(try await effects.list(workspace, .receipt).map(\.key) == ["b"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `lets no call have what another has the receipt of`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (effects, workspace) = (house.store.effects, house.workspace)
            _ = try await effects.begin(workspace, key: "a", intent())
            _ = try await effects.receipt(workspace, key: "a", "{}", externalID: "SM1")
            for attempt in 1...2 { _ = try await effects.begin(workspace, key: "b", intent(attempt)) }
            #expect(try await !effects.claim(workspace, key: "b", externalID: "SM1", receipt: "{}"))
            #expect(try await effects.claim(workspace, key: "b", externalID: "SM2", receipt: "{}"))
            #expect(try await effects.key(workspace, provider: "smtp", externalID: "SM2") == "b")
        }
    }

    @Test(arguments: Engine.allCases)
    func `shows the intents that are left, oldest first, page by page`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let effects = house.store.effects
            for (workspace, key, time) in [
                (house.workspace, "b", 2_000), (house.other, "a", 1_000), (house.workspace, "c", 2_000),
                (house.workspace, "young", 9_000), (house.workspace, "done", 1_000),
            ] {
                _ = try await effects.begin(
                    workspace, key: key, intent(), at: Moment(milliseconds: Int64(time)))
            }
            _ = try await effects.receipt(house.workspace, key: "done", "{}")
            let moment = Moment(milliseconds: 9_000)
            let first = try await effects.open(before: moment, after: nil, limit: 2)
            #expect(first.map(\.key) == ["a", "b"])
            let rest = try await effects.open(before: moment, after: first.last, limit: 2)
            #expect(rest.map(\.key) == ["c"])
            #expect(try await effects.doubt(rest[0]))
            #expect(try await !effects.doubt(rest[0]))
            #expect(try await effects.list(house.workspace, .unknown).map(\.key) == ["c"])
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

/// A claim that runs beside the one under test.
private final class Second: Sendable {
    private let task = Mutex<Task<Bool, any Error>?>(nil)
    private let end = Mutex(false)

    var hasEnded: Bool { end.withLock { $0 } }
    var value: Bool? { get async throws { try await task.withLock { $0 }?.value } }

    func start(_ claim: @escaping @Sendable () async throws -> Bool) {
        let task = Task {
            defer { end.withLock { $0 = true } }
            return try await claim()
        }
        self.task.withLock { $0 = task }
    }
}
