import Core
import SQL
import Store
import TestHouse
import Testing

@Suite struct `The wall between workspaces` {
    /// Runs `body` with a store that has one task in each of its two workspaces.
    private func withTasks(_ body: (FreshStore) async throws -> Void) async throws {
        try await FreshStore.with(.postgres) { house in
            for workspace in [house.workspace, house.other] {
                try await house.database.execute(
                    Self.insert, [Value(workspace.text), .text("task of \(workspace)")])
            }
            try await body(house)
        }
    }

    private static let insert = """
        insert into tasks (workspace_id, id, title, description, status, priority, created_at, updated_at,
            version) values ($1, $2, 'Write it', '', 'todo', 'low', 0, 0, 1)
        """

    private func workspaces(_ session: any Session) async throws -> [String] {
        try await session.query("select * from tasks").map { try $0.get("workspace_id") }
    }

    @Test func `holds when a statement forgets to ask for the workspace`() async throws {
        try await withTasks { house async throws in
            let ours: any Database = house.database.scoped(to: house.workspace.text)
            #expect(try await workspaces(ours) == [house.workspace.text])
            #expect(try await ours.transaction { try await workspaces($0) } == [house.workspace.text])
            #expect(try await ours.execute("update tasks set title = 'Ours'") == 1)
            #expect(try await ours.execute("delete from tasks where title <> 'Ours'") == 0)
            #expect(try await ours.query("select id from workspaces").count == 1)
            #expect(try await workspaces(house.database).count == 2)
            let nobody: any Database = house.database.scoped(to: "nobody")
            #expect(try await workspaces(nobody) == [])
        }
    }

    @Test func `refuses a row of another workspace`() async throws {
        try await withTasks { house async throws in
            let ours: any Database = house.database.scoped(to: house.workspace.text)
            let found = await #expect(throws: SQLFault.self) {
                try await ours.execute(Self.insert, [Value(house.other.text), "x"])
            }
            #expect(found?.code == "42501")
            // The rows that it refers to are looked up behind the wall.
            #expect(try await ours.execute(Self.insert, [Value(house.workspace.text), "x"]) == 1)
            try await ours.execute(
                """
                insert into task_dependencies (workspace_id, task_id, depends_on)
                select workspace_id, id, 'x' from tasks where id <> 'x'
                """)
            #expect(try await ours.execute("delete from tasks where id = 'x'") == 1)
            #expect(try await ours.query("select 1 from task_dependencies").isEmpty)
        }
    }

    @Test func `stands around every table that has a workspace`() async throws {
        try await FreshStore.with(.postgres) { house async throws in
            let rows = try await house.database.query(
                """
                select c.relname::text as name, c.relrowsecurity and c.relforcerowsecurity and exists (
                    select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
                ) as is_walled
                from pg_class c join information_schema.columns i
                    on i.table_schema = current_schema() and i.table_name = c.relname
                where c.relnamespace = current_schema()::regnamespace
                    and (i.column_name = 'workspace_id' or c.relname = 'workspaces' and i.column_name = 'id')
                """)
            let open = try rows.filter { try !$0.get("is_walled", as: Bool.self) }
            #expect(try open.map { try $0.get("name", as: String.self) } == [])
            #expect(rows.count >= 12)
        }
    }

    @Test func `is built up again where it was taken down, and else left alone`() async throws {
        try await withTasks { house async throws in
            let ours: any Database = house.database.scoped(to: house.workspace.text)
            let migrator = Store.migrator(house.database, log: .quiet)
            #expect(try await Store.weakness(of: house.database) == nil)
            for sql in [
                "alter table tasks disable row level security", "drop policy atom_workspace on tasks",
                "comment on policy atom_workspace on tasks is 'another rule'",
                "alter table tasks no force row level security",
            ] {
                try await house.database.execute(sql)
                let weakness = try await Store.weakness(of: house.database)
                #expect(weakness?.contains("tasks") == true)
                _ = try await migrator.up()
                #expect(try await Store.weakness(of: house.database) == nil)
                #expect(try await workspaces(ours) == [house.workspace.text])
            }
            let policies = """
                select p.oid from pg_policy p join pg_class c on c.oid = p.polrelid
                join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() order by 1
                """
            let before = try await house.database.query(policies)
            _ = try await migrator.up()
            #expect(try await house.database.query(policies) == before)
        }
    }

    @Test func `does not hold for a superuser, which can be told`() async throws {
        let database = try await Databases.open(
            FreshDatabase.superuserURL, connections: 2, log: .quiet)
        #expect(try await Store.weakness(of: database)?.contains("superuser") == true)
        await database.close()
    }

    @Test func `lets an index be used`() async throws {
        try await FreshStore.with(.postgres) { house async throws in
            try await house.database.execute(
                """
                insert into tasks (workspace_id, id, title, description, status, priority, created_at,
                    updated_at, version)
                select $1, 'task ' || n, 'Write it', '', (array['todo', 'in_progress', 'done'])[1 + n % 3],
                    'low', n, n, 1 from generate_series(1, 20000) n
                """, [Value(house.workspace.text)])
            try await house.database.execute("analyze tasks")
            let ours: any Database = house.database.scoped(to: house.workspace.text)
            let plan = try await ours.query(
                """
                explain select * from tasks where workspace_id = '\(house.workspace.text)' and status = 'todo'
                    and id < 'task 5' order by id desc limit 50
                """
            ).map { try $0.get("QUERY PLAN", as: String.self) }.joined(separator: "\n")
            #expect(plan.contains("Index Scan Backward using tasks_by_status"), "\(plan)")
            #expect(!plan.contains("Sort"), "\(plan)")
        }
    }
}

@Suite struct `A sealed table` {
    @Test(arguments: Engine.allCases)
    func `takes rows, and lets none be changed or taken away`(_ engine: Engine) async throws {
        try await FreshDatabase.with(engine) { database in
            try await database.execute("create table said (n bigint primary key)")
            for _ in 0..<2 {
                try await database.transaction { session in
                    try await Store.seal(["said", "unsaid"], in: session, database.dialect)
                }
            }
            try await database.execute("insert into said values (1)")
            for sql in [
                "update said set n = 2", "delete from said",
                "insert into said values (1) on conflict (n) do update set n = 3",
            ] {
                let fault = await #expect(throws: SQLFault.self) { try await database.execute(sql) }
                #expect(fault?.kind == .constraint && fault?.message == "said is only added to")
            }
            if engine == .postgres {
                await #expect(throws: SQLFault.self) { try await database.execute("truncate said") }
            }
            #expect(try await database.query("select n from said").map(\.values) == [[1]])
            try await database.execute("drop table said")
        }
    }

    @Test(arguments: Engine.allCases)
    func `is each that the store names`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let list = Store.sealed.map { "'\($0)'" }.joined(separator: ", ")
            let triggers =
                switch engine {
                case .sqlite:
                    """
                    select distinct tbl_name from sqlite_master
                    where type = 'trigger' and tbl_name in (\(list))
                    """
                case .postgres:
                    """
                    select distinct c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
                    where t.tgname = 'no_change' and c.relnamespace = current_schema()::regnamespace
                        and c.relname in (\(list))
                    """
                }
            #expect(try await house.database.query(triggers).count == Store.sealed.count)
        }
    }
}
