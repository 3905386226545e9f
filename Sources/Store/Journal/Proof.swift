import Core
import SQL

extension Store.Journal {
    /// What a look at a whole chain found.
    package struct Verdict: Sendable, Hashable {
        package let length: Int
        /// The last hash: whoever keeps it elsewhere can tell later that nothing before it was changed.
        package let head: String
        /// The first place whose entry or hash is not what was written.
        package let brokenAt: Int?

        package var isValid: Bool { brokenAt == nil }
    }

    /// Links read at once.
    private static let page = 500

    /// Reads the whole chain of a workspace and makes every hash anew.
    package func verify(_ workspace: ID) async throws -> Verdict {
        let last = try await head(of: workspace).position
        var (length, hash) = (0, Self.origin)
        while length < last {
            let links = try await rawLinks(of: workspace, after: length)
            for link in links {
                let made = Self.hash(of: link.columns, after: hash)
                guard link.position == length + 1, link.hash == made else {
                    return Verdict(length: last, head: hash, brokenAt: length + 1)
                }
                (length, hash) = (link.position, made)
            }
            // Links without entries are not read.
            if links.isEmpty { return Verdict(length: last, head: hash, brokenAt: length + 1) }
        }
        let isWhole = try await strays(of: workspace) == 0
        return Verdict(length: last, head: hash, brokenAt: isWhole ? nil : length + 1)
    }

    /// A link whose columns may hold anything.
    private struct Raw: Sendable {
        let position: Int
        let hash: String
        let columns: [Value]
    }

    /// The links of a chain after a position, in order.
    private func rawLinks(of workspace: ID, after position: Int) async throws -> [Raw] {
        try await access.query(
            """
            select \(Entry.columns(of: "j")), c.position as place, c.hash as link from audit_chain c
            join journal j on j.workspace_id = c.workspace_id and j.id = c.entry_id
            where c.workspace_id = $1 and c.position > $2 order by c.position limit $3
            """, [Value(workspace), Value(position), Value(Self.page)]
        ) { row in
            Raw(
                position: try row.get("place"), hash: try row.get("link"),
                columns: Entry.names.map { row[$0] ?? .null })
        }
    }

    /// Entries that have no place and wait for none: links at the end that were taken away.
    private func strays(of workspace: ID) async throws -> Int {
        try await access.query(
            """
            select count(*) as count from journal j where j.workspace_id = $1
            and not exists (select 1 from audit_chain c
                where c.workspace_id = j.workspace_id and c.entry_id = j.id)
            and not exists (select 1 from journal_waiting w
                where w.workspace_id = j.workspace_id and w.noun = j.noun and w.row_id = j.row_id
                and w.version = j.version and w.id = j.id)
            """, [Value(workspace)]
        ) { try $0.get("count", as: Int.self) }.first ?? 0
    }
}
