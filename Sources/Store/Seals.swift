import SQL

extension Store {
    /// The tables that are only added to: what was said once stays as it was said.
    package static let sealed = ["journal", "audit_chain"]

    /// Lets the database itself refuse every change of a row of these tables, where it does not yet. Names of
    /// tables that are not there are passed over.
    package static func seal(_ tables: [String], in session: any Session, _ dialect: Dialect) async throws {
        switch dialect {
        case .sqlite: try await sealFile(tables, session)
        case .postgres: try await sealServer(tables, session)
        }
    }

    private static func sealFile(_ tables: [String], _ session: any Session) async throws {
        let there = try await session.query("select name from sqlite_master where type = 'table'", [])
            .map { try $0.get("name", as: String.self) }
        for table in tables where there.contains(table) {
            for change in ["update", "delete"] {
                try await session.execute(
                    """
                    create trigger if not exists \(table)_no_\(change) before \(change) on \(table)
                    begin select raise(abort, '\(table) is only added to'); end
                    """)
            }
        }
    }

    private static func sealServer(_ tables: [String], _ session: any Session) async throws {
        let open = try await session.query(
            """
            select c.relname::text as name from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = current_schema() and c.relkind = 'r' and (
                select count(*) from pg_trigger t
                where t.tgrelid = c.oid and t.tgname in ('no_change', 'no_truncate')
            ) < 2
            """, []
        ).map { try $0.get("name", as: String.self) }
        for table in tables where open.contains(table) { try await sealOne(table, session) }
    }

    private static func sealOne(_ table: String, _ session: any Session) async throws {
        try await session.execute(
            """
            create or replace function atom_sealed() returns trigger language plpgsql as $$
            begin
                raise exception '% is only added to', tg_table_name using errcode = 'restrict_violation';
            end $$
            """)
        for (name, moment) in [
            ("no_change", "update or delete on \(table) for each row"),
            ("no_truncate", "truncate on \(table) for each statement"),
        ] {
            try await session.execute(
                "create or replace trigger \(name) before \(moment) execute function atom_sealed()")
        }
    }
}
