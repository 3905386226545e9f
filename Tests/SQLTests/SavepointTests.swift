import SQL
import TestHouse
import Testing

@Suite struct `A transaction within another` {
    private struct Stop: Error {}

    private static func with(
        _ engine: Engine, _ body: @Sendable @escaping (any Session) async throws -> Void
    ) async throws -> [Value] {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            try await database.transaction(body)
            return try await database.query("select n from t order by n").map { $0[0] }
        }
    }

    private static func put(_ number: Int, _ session: any Session) async throws {
        try await session.execute("insert into t values ($1)", [Value(number)])
    }

    @Test(arguments: Engine.allCases)
    func `is taken back alone when a statement is refused`(_ engine: Engine) async throws {
        let kept = try await Self.with(engine) { session in
            try await Self.put(1, session)
            await refuses(.unique) {
                try await session.nested { inner in
                    try await Self.put(2, inner)
                    try await Self.put(1, inner)
                }
            }
            try await session.nested { try await Self.put(3, $0) }
            try await Self.put(4, session)
        }
        #expect(kept == [1, 3, 4])
    }

    @Test(arguments: Engine.allCases)
    func `is taken back alone when its body throws`(_ engine: Engine) async throws {
        let kept = try await Self.with(engine) { session in
            await #expect(throws: Stop.self) {
                try await session.nested { inner in
                    try await Self.put(1, inner)
                    throw Stop()
                }
            }
            try await Self.put(2, session)
        }
        #expect(kept == [2])
    }

    @Test(arguments: Engine.allCases)
    func `fails with a statement that its body passed over`(_ engine: Engine) async throws {
        let kept = try await Self.with(engine) { session in
            await refuses(.unique) {
                try await session.nested { inner in
                    try await Self.put(1, inner)
                    await refuses(.unique) { try await Self.put(1, inner) }
                }
            }
            try await Self.put(2, session)
        }
        #expect(kept == [2])
    }

    @Test(arguments: Engine.allCases)
    func `may hold another one`(_ engine: Engine) async throws {
        let kept = try await Self.with(engine) { session in
            try await session.nested { outer in
                try await Self.put(1, outer)
                await refuses(.unique) { try await outer.nested { try await Self.put(1, $0) } }
                try await Self.put(2, outer)
            }
            await #expect(throws: Stop.self) {
                try await session.nested { outer in
                    try await outer.nested { try await Self.put(3, $0) }
                    throw Stop()
                }
            }
        }
        #expect(kept == [1, 2])
    }

    @Test(arguments: Engine.allCases)
    func `keeps to its scope, and leaves that of the rest alone`(_ engine: Engine) async throws {
        let kept = try await Self.with(engine) { session in
            let scoped = session.scoped(to: "one")
            await refuses(.unique) {
                try await scoped.nested { inner in
                    try await Self.put(1, inner)
                    try await Self.put(1, inner.scoped(to: "two"))
                }
            }
            try await Self.put(2, scoped)
            guard engine == .postgres else { return }
            let setting = "select current_setting('atom.workspace') as it"
            #expect(try await scoped.query(setting)[0][0] == "one")
            #expect(try await session.query(setting)[0][0] == "*")
        }
        #expect(kept == [2])
    }

    @Test(arguments: Engine.allCases)
    func `stands alone where there is none around it`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            await #expect(throws: Stop.self) {
                try await database.nested { session in
                    try await Self.put(1, session)
                    throw Stop()
                }
            }
            try await database.nested { try await Self.put(2, $0) }
            #expect(try await database.query("select n from t").map { $0[0] } == [2])
        }
    }

    @Test func `does not outlive what is no matter of its statements`() async throws {
        var limits = Limits()
        limits.statement = .seconds(2)
        try await FreshDatabase.with(.postgres, limits: limits) { database in
            try await database.execute("create table t (n bigint primary key)")
            let found = await fault {
                try await database.transaction { session in
                    try await Self.put(1, session)
                    await refuses(.timeout) {
                        try await session.nested { _ = try await $0.query("select 1 from pg_sleep(20)") }
                    }
                    await refuses(.aborted) { try await Self.put(2, session) }
                }
            }
            #expect(found?.kind == .timeout)
            #expect(try await database.query("select n from t").isEmpty)
        }
    }
}
