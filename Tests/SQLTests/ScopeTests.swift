import SQL
import TestHouse
import Testing

@Suite struct `A scope` {
    private static let setting = "select current_setting('atom.workspace') as scope"

    /// The scope that the server sees in one statement of `session`.
    private func seen(_ session: any Session) async throws -> Value {
        try await session.query(Self.setting)[0][0]
    }

    /// Runs `body` with a table of two rows, of the scopes a and b, that has a wall.
    private func withWall(_ body: (any Database) async throws -> Void) async throws {
        try await FreshDatabase.with(.postgres) { database in
            let own = "(scope = current_setting('atom.workspace') or current_setting('atom.workspace') = '*')"
            for sql in [
                "create table t (scope text not null, n bigint primary key)",
                "create policy wall on t using \(own) with check \(own)",
                "alter table t enable row level security", "alter table t force row level security",
                "insert into t values ('a', 1), ('b', 2)",
            ] { try await database.execute(sql) }
            try await body(database)
        }
    }

    @Test func `shows only its own rows, and lets only those be written`() async throws {
        try await withWall { database async throws in
            let scoped: any Database = database.scoped(to: "a")
            #expect(try await scoped.query("select n from t").map(\.values) == [[1]])
            #expect(try await scoped.execute("update t set n = n + 10") == 1)
            #expect(try await scoped.execute("delete from t where n = 2") == 0)
            await refuses(.syntax) { try await scoped.execute("insert into t values ('b', 3)") }
            await refuses(.syntax) { try await scoped.execute("update t set scope = 'b'") }
            #expect(try await scoped.execute("insert into t values ('a', 3)") == 1)
            let all = try await database.query("select n from t order by n")
            #expect(all.map { $0[0] } == [2, 3, 11])
        }
    }

    @Test func `goes with every statement of one pipeline, and no further`() async throws {
        try await FreshDatabase.withURL(.postgres) { url async throws in
            // Two connections leave one that takes single statements, so that all of these share it.
            let database = try await Databases.open(url, connections: 2, log: .quiet)
            for _ in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 { group.addTask { try await check(number, on: database) } }
                    try await group.waitForAll()
                }
            }
            await database.close()
        }
        func check(_ number: Int, on database: any Database) async throws {
            let scope = "scope \(number)"
            switch number % 4 {
            case 0: #expect(try await seen(database) == "*")
            case 1: #expect(try await seen(database.scoped(to: scope) as any Database) == .text(scope))
            case 2:
                // It fails when it runs.
                let scoped: any Database = database.scoped(to: scope)
                await refuses(.invalid) { try await scoped.query("select 1 / cast($1 as bigint)", [0]) }
            default:
                // It fails when it is prepared, and each of them is the first or a later one of its batch.
                let scoped: any Database = database.scoped(to: scope)
                await refuses(.syntax) { try await scoped.query("select nothing from nowhere") }
            }
        }
    }

    @Test func `stays through a transaction and ends with it`() async throws {
        struct Stop: Error {}
        try await withWall { database async throws in
            let scoped: any Database = database.scoped(to: "a")
            try await scoped.transaction { session async throws in
                #expect(try await session.query("select n from t").map(\.values) == [[1]])
                try await session.execute("insert into t values ('a', 3)")
                #expect(try await session.query("select n from t order by n").map { $0[0] } == [1, 3])
            }
            #expect(try await seen(database) == "*")
            await #expect(throws: Stop.self) {
                try await scoped.transaction { session async throws in
                    #expect(try await seen(session) == "a")
                    throw Stop()
                }
            }
            await refuses(.syntax) {
                try await scoped.transaction { try await $0.execute("insert into t values ('b', 4)") }
            }
            // Both connections that transactions use, whichever comes first.
            for _ in 0..<4 { #expect(try await database.transaction { try await seen($0) } == "*") }
            #expect(try await database.query("select n from t").count == 3)
        }
    }

    @Test func `may be that of a part of a transaction only`() async throws {
        try await withWall { database async throws in
            try await database.transaction { session async throws in
                #expect(try await seen(session) == "*")
                #expect(try await session.scoped(to: "a").query("select n from t").map(\.values) == [[1]])
                #expect(try await session.query("select n from t").count == 2)
                let part = session.scoped(to: "b")
                try await part.atomically { _ = try await $0.execute("update t set n = n + 10") }
                #expect(try await seen(part.scoped(to: "c")) == "c")
                #expect(try await seen(session) == "*")
            }
            let scoped: any Database = database.scoped(to: "a")
            try await scoped.transaction { session async throws in
                #expect(try await session.scoped(to: "b").query("select n from t").map(\.values) == [[12]])
                #expect(try await session.query("select n from t").map(\.values) == [[1]])
            }
        }
    }

    @Test func `is set anew when the server has forgotten how`() async throws {
        try await FreshDatabase.withURL(.postgres) { url async throws in
            let database = try await Databases.open(url, connections: 2, log: .quiet)
            let scoped: any Database = database.scoped(to: "a")
            #expect(try await seen(scoped) == "a")
            try await database.execute("deallocate all")
            #expect(try await seen(scoped) == "a")
            // More kinds of statements than are kept prepared.
            for number in 0..<300 {
                let row = try await scoped.query("select current_setting('atom.workspace'), \(number)")[0]
                #expect(row.values == ["a", Value(number)])
            }
            await database.close()
        }
    }

    @Test func `is there after the server was away, and so is seeing all`() async throws {
        let server = try await PrivateServer()
        try await server.start()
        let database = try await Databases.open(server.url, connections: 2, log: .quiet)
        let scoped: any Database = database.scoped(to: "a")
        #expect(try await seen(scoped) == "a")
        try await server.stop()
        try await server.start()
        #expect(try await seen(scoped) == "a")
        #expect(try await seen(database) == "*")
        #expect(try await scoped.transaction { try await seen($0) } == "a")
        #expect(try await database.transaction { try await seen($0) } == "*")
        await database.close()
        try await server.stop()
        try server.remove()
    }

    @Test(arguments: Engine.allCases)
    func `is a value like any other`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database async throws in
            try await database.execute("create table t (n bigint)")
            let scoped: any Database = database.scoped(to: "a'); drop table t; --")
            #expect(scoped.dialect == database.dialect)
            #expect(try await scoped.execute("insert into t values (1)") == 1)
            try await scoped.transaction { _ = try await $0.execute("insert into t values (2)") }
            #expect(try await scoped.query("select n from t order by n").map { $0[0] } == [1, 2])
            let cut: any Database = database.scoped(to: "a\0b")
            await refuses(.invalid) { try await cut.query("select n from t") }
        }
    }
}
