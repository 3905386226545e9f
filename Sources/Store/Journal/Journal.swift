import Core
import SQL

extension Store {
    /// What happened to the rows of each workspace: written with the change itself, told to whoever listens
    /// and chained so that nobody can alter it unnoticed.
    package struct Journal: Sendable {
        let access: Access

        /// Writes down changes; within the transaction of the rows they speak of.
        package func write(_ entries: [Entry]) async throws { try await access.write(entries) }

        /// What happened to one row, newest first.
        package func history(
            _ row: Scoped, noun: String, _ page: Page = Page()
        ) async throws -> [Entry] {
            var clause = Clause([
                Value(row.workspace), .text(noun), Value(row.id), Value(page.limit),
            ])
            if let after = page.after {
                clause.add(
                    "(version, id) < (select version, id from journal where workspace_id = $1 and id = ?)",
                    [Value(after)])
            }
            return try await access.query(
                """
                select \(Entry.columns) from journal where workspace_id = $1 and noun = $2 and row_id = $3
                \(clause.text("and")) order by version desc, id desc limit $4
                """, clause.values, Entry.init(row:))
        }

        /// How many changes are not told yet, and when the oldest of them was made. Across workspaces.
        package func backlog() async throws -> (count: Int, oldest: Moment?) {
            let rows = try await access.query(
                "select count(*) as count, min(at) as oldest from journal_waiting", []
            ) { (try $0.get("count", as: Int.self), try $0.get("oldest", as: Moment?.self)) }
            return rows.first ?? (0, nil)
        }
    }
}

extension Access {
    /// Rows of one statement, in a few fixed sizes, so that few statements have to stay prepared.
    private static let sizes = [50, 10, 1]

    /// Writes down changes, and that they are still to be told.
    func write(_ entries: [Store.Journal.Entry]) async throws {
        try await insert(into: "journal", Store.Journal.Entry.columns, entries.map(\.values))
        try await insert(
            into: "journal_waiting", "workspace_id, id, noun, row_id, version, at",
            entries.map { entry in
                [
                    Value(entry.workspace), Value(entry.id), .text(entry.noun), Value(entry.row),
                    Value(entry.version), Value(entry.at),
                ]
            })
    }

    func insert(into table: String, _ columns: String, _ rows: [[Value]]) async throws {
        var rest = rows[...]
        while let size = Self.sizes.first(where: { $0 <= rest.count }), let width = rest.first?.count {
            let places = (0..<size).map { row in
                "(" + (1...width).map { "$\(row * width + $0)" }.joined(separator: ", ") + ")"
            }
            try await execute(
                "insert into \(table) (\(columns)) values \(places.joined(separator: ", "))",
                rest.prefix(size).flatMap { $0 })
            rest = rest.dropFirst(size)
        }
    }
}
