import SQL
import Synchronization
import TestHouse
import Testing

@Suite struct `A transaction` {
    private struct Stop: Error {}

    private func counted(_ database: any Session) async throws -> Value {
        try await database.query("select count(*) as n from t")[0][0]
    }

    @Test(arguments: Engine.allCases)
    func `writes all or nothing`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            await #expect(throws: Stop.self) {
                try await database.transaction { session in
                    try await session.execute("insert into t values (1)")
                    #expect(try await counted(session) == 1)
                    throw Stop()
                }
            }
            #expect(try await counted(database) == 0)
            let number = try await database.transaction { session in
                try await session.execute("insert into t values (1)")
                try await session.execute("insert into t values (2)")
                return 7
            }
            #expect(number == 7)
            #expect(try await counted(database) == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `fails when one of its statements failed, even if the body goes on`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            let found = await fault {
                try await database.transaction { session in
                    try await session.execute("insert into t values (1)")
                    await refuses(.unique) { try await session.execute("insert into t values (1)") }
                    await refuses(.aborted) { try await session.execute("insert into t values (2)") }
                }
            }
            #expect(found?.kind == .unique)
            #expect(try await counted(database) == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps single statements of others out`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { try await database.execute("insert into t values ($1)", [Value(number)]) }
                    group.addTask {
                        await #expect(throws: Stop.self) {
                            try await database.transaction { session in
                                try await session.execute("insert into t values ($1)", [Value(100 + number)])
                                throw Stop()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await database.query("select n from t order by n")
            #expect(rows.map { $0[0] } == (0..<20).map { Value($0) })
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends the use of its session`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            let kept = try await database.transaction { $0 }
            await refuses(.aborted) { try await kept.query("select 1") }
        }
    }

    @Test(arguments: Engine.allCases)
    func `joins the one around it`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            await #expect(throws: Stop.self) {
                try await database.atomically { outer in
                    try await outer.atomically { _ = try await $0.execute("insert into t values (1)") }
                    #expect(try await counted(outer) == 1)
                    throw Stop()
                }
            }
            #expect(try await counted(database) == 0)
        }
    }

    @Test func `runs again when another was in the way`() async throws {
        try await FreshDatabase.with(.postgres) { database in
            try await database.execute("create table t (n bigint primary key, v bigint)")
            try await database.execute("insert into t values (1, 0), (2, 0)")
            let runs = Mutex(0)
            // Each locks one row and then wants the other's: a deadlock, which the server breaks.
            let meeting = Meeting(of: 2)
            let visit: @Sendable (Int, Int) async throws -> Void = { first, second in
                try await database.transaction { session in
                    let run = runs.withLock { runs in
                        runs += 1
                        return runs
                    }
                    try await session.execute("update t set v = v + 1 where n = $1", [Value(first)])
                    if run <= 2 { await meeting.arrive() }
                    try await session.execute("update t set v = v + 1 where n = $1", [Value(second)])
                }
            }
            async let one: Void = visit(1, 2)
            async let two: Void = visit(2, 1)
            _ = try await (one, two)
            #expect(runs.withLock { $0 } == 3)
            #expect(try await database.query("select v from t").map(\.values) == [[2], [2]])
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits for a connection only as long as allowed`(_ engine: Engine) async throws {
        var limits = Limits()
        limits.leaseWait = .milliseconds(500)
        try await FreshDatabase.with(engine, limits: limits) { database in
            try await database.execute("create table t (n bigint)")
            try await hold(engine == .sqlite ? 1 : 2, of: database) {
                await refuses(.timeout) { try await database.transaction { _ in } }
            }
            try await database.transaction { _ = try await $0.execute("insert into t values (1)") }
            #expect(try await counted(database) == 1)
        }
    }

    /// Runs `body` while `count` transactions are open.
    private func hold(
        _ count: Int, of database: any Database, _ body: @Sendable () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await database.transaction { _ in try await hold(count - 1, of: database, body) }
    }
}
