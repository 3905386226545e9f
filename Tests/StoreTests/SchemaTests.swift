import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `The schema` {
    @Test(arguments: Engine.allCases)
    func `goes up, down to nothing and up again`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database async throws in
            let migrator = Store.migrator(database, log: .quiet)
            let numbers = Store.migrations.map(\.number)
            #expect(try await migrator.up() == numbers)
            #expect(try await migrator.down(to: 0) == numbers.reversed())
            let left = try await tables(of: database)
            #expect(left == ["schema_migrations"])
            #expect(try await migrator.up() == numbers)
        }
    }

    @Test(arguments: Engine.allCases)
    func `has a workspace in every table but those that belong to none`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let all = try await tables(of: house.database)
            #expect(all.isSuperset(of: Self.global))
            for table in all.subtracting(Self.global) {
                _ = try await house.database.query("select workspace_id from \(table)")
            }
        }
    }

    /// The tables of the installation and of people, who may be in several workspaces.
    private static let global: Set = [
        "account_events", "accounts", "announcer", "login_tries", "refresh_tokens", "schema_migrations",
        "secrets", "workspaces",
    ]

    @Test func `puts faults into words that hold nothing secret`() {
        let fault = SQLFault(.unreachable, "postgres://u:***@h cannot be reached")
        let failure = Failure(fault)
        #expect(failure.kind == .unavailable && failure.isWorthRetrying && failure.retryAfter != nil)
        #expect(failure.cause?.contains("cannot be reached") == true)
        #expect(!failure.message.contains("postgres"))
        #expect(Failure(SQLFault(.newer, "the database is newer")).message == "the database is newer")
    }

    private func tables(of database: any Database) async throws -> Set<String> {
        let sql =
            switch database.dialect {
            case .sqlite: "select name from sqlite_master where type = 'table'"
            case .postgres: "select tablename as name from pg_tables where schemaname = current_schema()"
            }
        return Set(try await database.query(sql).map { try $0.get("name") })
    }
}

@Suite struct `A sandbox message` {
    @Test(arguments: Engine.allCases)
    func `is shown to its own workspace, until it is pruned`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let message = Store.Sandbox.Message(
                workspace: house.workspace, channel: "email", recipient: "a@example.org", subject: "Hi",
                body: "Hello", raw: "Subject: Hi\r\n\r\nHello", createdAt: Moment(milliseconds: 7))
            let sandbox = house.store.sandbox
            try await sandbox.add(message)
            #expect(try await sandbox.list(house.workspace) == [message])
            #expect(try await sandbox.list(house.workspace, channel: "slack") == [])
            #expect(try await sandbox.find(house.workspace, message.id) == message)
            #expect(try await sandbox.find(house.other, message.id) == nil)
            #expect(try await sandbox.list(house.other) == [])
            #expect(try await sandbox.prune(before: Moment(milliseconds: 7)) == 0)
            #expect(try await sandbox.prune(before: Moment(milliseconds: 8)) == 1)
        }
    }
}
