import Core
import SQL

/// One table that belongs to workspaces, and how its wall stands: the policy of PostgreSQL that keeps a
/// session with a scope to the rows of its workspace, whatever its statements ask for.
private struct Wall {
    static let policy = "atom_workspace"

    /// As SQL quotes it.
    let table: String
    /// The column that holds the workspace.
    let column: String
    /// On, for the owner of the table too, and with today's rule.
    let stands: Bool

    init(_ row: Row) throws {
        table = try row.get("name")
        column = try row.get("column_name")
        stands = try row.get("is_on") && row.get("rule", as: String?.self) == Self.rule(column)
    }

    /// A sub-select is looked up once a statement; the setting itself would be once a row.
    static func rule(_ column: String) -> String {
        let scope = "(select current_setting('atom.workspace', true))"
        return "\(column) = \(scope) or \(scope) = '*'"
    }

    /// Every table of the schema that has a workspace. The rule as it was written is the policy's comment,
    /// since PostgreSQL's own record of it reads differently from version to version.
    static func all(_ session: any Session) async throws -> [Wall] {
        try await session.query(
            """
            select quote_ident(c.relname) as name, a.attname::text as column_name,
                c.relrowsecurity and c.relforcerowsecurity as is_on,
                obj_description(p.oid, 'pg_policy') as rule
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
                and a.attname = case c.relname when 'workspaces' then 'id' else 'workspace_id' end
            left join pg_policy p on p.polrelid = c.oid and p.polname = '\(policy)'
            where n.nspname = current_schema() and c.relkind in ('r', 'p')
            order by c.relname
            """, []
        ).map(Wall.init)
    }

    func raise(_ session: any Session) async throws {
        let rule = Self.rule(column)
        try await session.execute("drop policy if exists \(Self.policy) on \(table)")
        try await session.execute(
            "create policy \(Self.policy) on \(table) using (\(rule)) with check (\(rule))")
        let comment = rule.replacing("'", with: "''")
        try await session.execute("comment on policy \(Self.policy) on \(table) is '\(comment)'")
        try await session.execute("alter table \(table) enable row level security")
        try await session.execute("alter table \(table) force row level security")
    }
}

extension Store {
    /// Gives every table of the current schema that belongs to workspaces a wall between them, where it has
    /// none yet. Only PostgreSQL has walls; in SQLite the `where` of each statement stands alone.
    package static func raiseWalls(in session: any Session, _ dialect: Dialect) async throws {
        guard dialect == .postgres else { return }
        for wall in try await Wall.all(session) where !wall.stands { try await wall.raise(session) }
    }

    /// Why the walls between workspaces do not hold, as a sentence; nil where they do, and in SQLite, which
    /// has none. Throws `Failure`.
    package static func weakness(of database: any Database) async throws -> String? {
        guard database.dialect == .postgres else { return nil }
        do {
            if let role = try await unbounded(database) {
                return "The PostgreSQL role \(role) passes row-level security (it is a superuser or has "
                    + "BYPASSRLS); connect as a plain role that owns the tables."
            }
            let open = try await Wall.all(database).filter { !$0.stands }.map(\.table)
            guard !open.isEmpty else { return nil }
            return "Row-level security is not set up on \(open.joined(separator: ", ")); run atom migrate up."
        } catch let fault as SQLFault {
            throw Failure(fault)
        }
    }

    /// The current role, if no wall holds it.
    private static func unbounded(_ database: any Database) async throws -> String? {
        try await database.query(
            """
            select rolname::text as name from pg_roles
            where rolname = current_user and (rolsuper or rolbypassrls)
            """
        ).first?.get("name")
    }
}
