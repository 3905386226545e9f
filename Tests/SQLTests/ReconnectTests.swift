import SQL
import TestHouse
import Testing

@Suite struct `A lost PostgreSQL server` {
    @Test func `is refused at once, and used again when it is back`() async throws {
        let server = try await PrivateServer()
        try await server.start()
        let database = try await Databases.open(server.url, connections: 4, log: .quiet)
        try await database.execute("create table t (n bigint primary key)")
        try await database.execute("insert into t values (1)")

        try await server.stop()
        await refuses(.unreachable) { try await database.query("select n from t") }
        await refuses(.unreachable) { try await database.transaction { _ in } }

        try await server.start()
        try await answered { try await database.execute("insert into t values (2)") }
        try await answered {
            try await database.transaction { _ = try await $0.execute("insert into t values (3)") }
        }
        #expect(try await database.query("select n from t order by n").map(\.values) == [[1], [2], [3]])

        // Nobody used the connection while the server was away: its next user must not notice.
        try await server.stop()
        try await server.start()
        #expect(try await database.query("select count(*) as n from t")[0][0] == 3)
        await database.close()
        try await server.stop()
        try server.remove()
    }

    @Test func `never lets a transaction go on over a new connection`() async throws {
        let server = try await PrivateServer()
        try await server.start()
        let database = try await Databases.open(server.url, connections: 2, log: .quiet)
        try await database.execute("create table t (n bigint primary key)")
        let found = await fault {
            try await database.transaction { session in
                try await session.execute("insert into t values (1)")
                try await server.stop()
                try await server.start()
                await refuses(.unreachable) { try await session.execute("insert into t values (2)") }
                await refuses(.aborted) { try await session.execute("insert into t values (3)") }
            }
        }
        #expect(found?.kind == .unreachable)
        try await database.transaction { _ = try await $0.execute("insert into t values (4)") }
        #expect(try await database.query("select n from t").map(\.values) == [[4]])
        await database.close()
        try await server.stop()
        try server.remove()
    }

    /// Waits for the server, for ten seconds at most; only "unreachable" is waited out.
    private func answered(_ work: () async throws -> some Any) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while let found = await fault(work) {
            guard found.kind == .unreachable, .now < end else { throw found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
