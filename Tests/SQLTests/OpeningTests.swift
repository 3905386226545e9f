import SQL
import TestHouse
import Testing

@Suite struct `Opening a database` {
    @Test(arguments: [
        "", "mysql://localhost/db", "sqlite:", "sqlite://", "sqlite:///", "postgres://host:notaport:1/db%",
        "postgres://user:secret@host/db?nonsense=1",
    ])
    func `refuses an address it cannot use, and keeps its password`(_ url: String) async throws {
        let found = await fault { try await Databases.open(url, log: .quiet) }
        #expect(found?.kind == .invalid)
        #expect(found?.message.contains("secret") == false)
    }

    @Test func `says what is wrong with a folder or a server that is not there`() async throws {
        let file = await fault { try await Databases.open("sqlite:///no/such/folder/x.db", log: .quiet) }
        #expect(file?.kind == .unreachable)
        #expect(file?.message.contains("/no/such/folder/x.db") == true)
        let server = await fault {
            try await Databases.open("postgres://me:secret@127.0.0.1:1/db", log: .quiet)
        }
        #expect(server?.kind == .unreachable)
        #expect(server?.message.contains("postgres://me:***@127.0.0.1:1/db") == true)
        #expect(server?.message.contains("secret") == false)
    }

    @Test(arguments: [
        ("postgres://me:pw@host:1/db", "postgres://me:***@host:1/db"),
        ("postgres://me:p@w/x@host/db", "postgres://me:***@host/db"),
        ("postgres://me@host/db", "postgres://me@host/db"),
        ("postgres://host/db?user=me&password=pw&x=1", "postgres://host/db?user=me&password=***&x=1"),
        ("sqlite:///a/b.db", "sqlite:///a/b.db"),
    ])
    func `shows an address without its password`(_ url: String, _ masked: String) {
        #expect(Databases.masked(url) == masked)
    }

    @Test func `in memory gives one database to all its users`() async throws {
        let database = try await Databases.open("sqlite::memory:", log: .quiet)
        try await database.execute("create table t (n bigint)")
        try await database.transaction { _ = try await $0.execute("insert into t values (1)") }
        #expect(try await database.query("select n from t").map(\.values) == [[1]])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `ends with a closing that finishes what was sent and refuses the rest`(_ engine: Engine) async throws
    {
        try await FreshDatabase.withURL(engine) { url in
            let database = try await Databases.open(url, log: .quiet)
            try await database.execute("create table t (n bigint)")
            await database.close()
            await database.close()
            await refuses(.closed) { try await database.query("select n from t") }
            await refuses(.closed) { try await database.transaction { _ in } }
        }
    }
}
