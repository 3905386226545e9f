import SQL
import TestHouse
import Testing

@Suite struct `Migrations` {
    private static let all = [
        Migration(
            1, "first", up: "create table a (n bigint); -- a; comment\ninsert into a values (1);",
            down: "drop table a"),
        Migration(
            2, "second", up: "create table b (s text default ';');\ninsert into b values ('it''s; --')",
            down: "drop table b;"),
    ]

    private func migrator(_ database: any Database, _ migrations: [Migration] = all) -> Migrator {
        Migrator(database, migrations, log: .quiet)
    }

    @Test(arguments: Engine.allCases)
    func `go up once, and down again`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database async throws in
            let migrator = migrator(database)
            #expect(try await migrator.status().map(\.state) == [.pending, .pending])
            #expect(try await migrator.up() == [1, 2])
            #expect(try await migrator.up() == [])
            #expect(try await migrator.status().map(\.state) == [.applied, .applied])
            #expect(try await database.query("select s from b").map(\.values) == [["it's; --"]])
            #expect(try await migrator.down(to: 1) == [2])
            await refuses(.syntax) { try await database.query("select s from b") }
            #expect(try await migrator.down(to: 0) == [1])
            #expect(try await migrator.up() == [1, 2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `run once when eight processes start together`(_ engine: Engine) async throws {
        try await FreshDatabase.withURL(engine) { url in
            // Each starter has connections of its own, as a process has.
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let database = try await Databases.open(url, connections: 2, log: .quiet)
                        let applied = try await migrator(database).up()
                        await database.close()
                        return applied
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.filter { $0 == [1, 2] }.count == 1)
            #expect(applied.filter(\.isEmpty).count == 7)
        }
    }

    @Test(arguments: Engine.allCases)
    func `refuse a database that is newer than the program`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            _ = try await migrator(database).up()
            let older = migrator(database, [Self.all[0]])
            await refuses(.newer) { try await older.up() }
            await refuses(.newer) { try await older.down(to: 0) }
            #expect(try await older.status().map(\.state) == [.applied, .unknown])
            #expect(try await migrator(database).up() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `refuse a change of what is applied already`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            _ = try await migrator(database).up()
            let edited = Migration(2, "second", up: Self.all[1].up + " ", down: Self.all[1].down)
            let changed = migrator(database, [Self.all[0], edited])
            await refuses(.changed) { try await changed.up() }
            #expect(try await changed.status().map(\.state) == [.applied, .changed])
        }
    }

    @Test(arguments: Engine.allCases)
    func `leave nothing behind when one of them fails`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database async throws in
            let broken = Migration(3, "broken", up: "create table c (n bigint); creat table d", down: "")
            await refuses(.syntax) { try await migrator(database, Self.all + [broken]).up() }
            #expect(try await migrator(database).status().map(\.state) == [.pending, .pending])
            await refuses(.syntax) { try await database.query("select n from c") }
        }
    }
}
