import SQL
import TestHouse
import Testing

@Suite struct `A statement` {
    @Test(arguments: Engine.allCases)
    func `takes its values by the number of the parameter, not by where it stands`(
        _ engine: Engine
    ) async throws {
        try await FreshDatabase.with(engine) { database in
            let rows = try await database.query(
                "select cast($2 as text) as b, cast($1 as bigint) as a, cast($2 as text) as again",
                [1, "two"])
            #expect(rows == [Row(columns: ["b", "a", "again"], values: ["two", 1, "two"])])
        }
    }

    @Test(arguments: Engine.allCases)
    func `gives every kind of value back as it was`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (i bigint, r double precision, s text, b bytea)")
            let rows: [[Value]] = [
                [.integer(.min), 0.1, "Grüße 🌍 'quoted' $1", .blob([0, 255, 39, 92])],
                [.integer(.max), -1e300, "", .blob([])], [nil, nil, nil, nil],
            ]
            for row in rows { try await database.execute("insert into t values ($1, $2, $3, $4)", row) }
            let found = try await database.query("select i, r, s, b from t order by i is null, i")
            #expect(found.map(\.values) == rows)
            let sum = try await database.query("select sum(i) as s, count(*) as n from t where i < 0")
            #expect(sum[0].values == [.integer(.min), 1])
        }
    }

    @Test(arguments: Engine.allCases)
    func `says how many rows it wrote`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database async throws in
            #expect(try await database.execute("create table t (n bigint)") == 0)
            #expect(try await database.execute("insert into t values (1), (2), (3)") == 3)
            #expect(try await database.execute("update t set n = n + 1 where n > $1", [1]) == 2)
            #expect(try await database.execute("delete from t where n > $1", [100]) == 0)
            #expect(try await database.execute("select n from t") == 0)
            #expect(try await database.execute("create table u (n bigint)") == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `fails with a kind that both databases share`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table p (id text primary key)")
            try await database.execute(
                "create table c (id text unique, p text not null references p (id), n bigint check (n > 0))")
            try await database.execute("insert into p values ($1)", ["a"])
            try await database.execute("insert into c values ($1, $2, $3)", ["x", "a", 1])
            func refuse(_ kind: SQLFault.Kind, _ sql: String, _ values: [Value] = []) async {
                await refuses(kind) { try await database.execute(sql, values) }
            }
            let insert = "insert into c values ($1, $2, $3)"
            await refuse(.unique, "insert into p values ($1)", ["a"])
            await refuse(.unique, insert, ["x", "a", 1])
            await refuse(.foreignKey, insert, ["y", "none", 1])
            await refuse(.foreignKey, "delete from p")
            await refuse(.constraint, insert, ["y", nil, 1])
            await refuse(.constraint, insert, ["y", "a", 0])
            await refuse(.syntax, "selec 1")
            await refuse(.syntax, "select * from nothing")
            await refuse(.syntax, "select 1; select 2")
            await refuse(.invalid, insert, ["a\0b", "a", 1])
            await refuse(.invalid, "insert into p values ($1)", [.real(.nan)])
            #expect(try await database.query("select n from c").map(\.values) == [[1]])
        }
    }

    @Test(arguments: Engine.allCases)
    func `that fails leaves its neighbours in the pipeline alone`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key)")
            let kinds = await withTaskGroup(of: SQLFault.Kind?.self) { group in
                for number in 0..<300 {
                    let sql =
                        number % 3 == 0 ? "insert into missing values ($1)" : "insert into t values ($1)"
                    group.addTask {
                        await fault { try await database.execute(sql, [Value(number / 2)]) }?.kind
                    }
                }
                return await group.reduce(into: [SQLFault.Kind?: Int]()) { $0[$1, default: 0] += 1 }
            }
            // Of 0..<300, two in three are inserted as n / 2; of these every third finds its twin there
            // already.
            let expected = Set((0..<300).filter { $0 % 3 != 0 }.map { $0 / 2 }).count
            #expect(kinds == [.syntax: 100, .unique: 200 - expected, nil: expected])
            #expect(try await database.query("select count(*) as n from t")[0][0] == Value(expected))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is answered among many that run at once`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key, s text)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        let text = Value("row \(number)")
                        try await database.execute("insert into t values ($1, $2)", [Value(number), text])
                        let rows = try await database.query("select s from t where n = $1", [Value(number)])
                        #expect(rows.map(\.values) == [[text]])
                    }
                }
                try await group.waitForAll()
            }
            #expect(
                try await database.query("select count(*) as n, sum(n) as s from t")[0].values == [
                    400, 79_800,
                ])
        }
    }

    @Test(arguments: Engine.allCases)
    func `of more kinds than are kept prepared still runs`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            for number in 0..<600 {
                let rows = try await database.query("select cast($1 as bigint) + \(number) as n", [1])
                #expect(rows[0][0] == Value(number + 1))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `sees the columns that a changed table has now`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (a bigint)")
            try await database.execute("insert into t values (1)")
            for _ in 0..<6 { #expect(try await database.query("select * from t")[0].columns == ["a"]) }
            try await database.execute("alter table t add column b bigint default 2")
            for _ in 0..<6 { #expect(try await database.query("select * from t")[0].values == [1, 2]) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `may carry and bring more than fits into one batch`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table t (n bigint primary key, b bytea)")
            let block = [UInt8](repeating: 7, count: 60_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        try await database.execute(
                            "insert into t values ($1, $2)", [Value(number), .blob(block)])
                    }
                    group.addTask {
                        _ = try await database.query("select b from t where n < $1", [Value(number)])
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await database.query("select b from t")
            #expect(rows.count == 16)
            #expect(rows.allSatisfy { $0[0] == .blob(block) })
        }
    }
}
