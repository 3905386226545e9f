import Core
import SQL

extension Store.Journal {
    /// An entry on its way to those who listen.
    struct Waiting: Sendable {
        let entry: Entry
        /// False until it has its place in the chain of its workspace.
        let isChained: Bool
    }

    /// The oldest changes that are not told yet, in an order in which they may be told. Across workspaces.
    ///
    /// Within one row it is the order of the commits: whoever changes a row holds its lock until the commit,
    /// so the version before is visible wherever a version is, in the one snapshot this reads. The rows of
    /// the oldest entries are read with all that waits of them, lowest versions first, so that no limit and
    /// no clock that is behind can part an entry from the version before it.
    func waiting(limit: Int) async throws -> [Waiting] {
        let found = try await access.query(
            """
            select \(Entry.columns(of: "j")), c.position as place from (
                select distinct workspace_id, noun, row_id from (
                    select workspace_id, noun, row_id from journal_waiting order by at, id limit $1
                ) oldest
            ) r
            join journal_waiting w
                on w.workspace_id = r.workspace_id and w.noun = r.noun and w.row_id = r.row_id
            join journal j on j.workspace_id = w.workspace_id and j.id = w.id
            left join audit_chain c on c.workspace_id = j.workspace_id and c.entry_id = j.id
            order by w.version, w.at, w.id limit $2
            """, [Value(limit), Value(2 * limit)]
        ) { row in
            Waiting(entry: try Entry(row: row), isChained: try row.get("place", as: Int?.self) != nil)
        }
        return Self.ordered(found)
    }

    /// Oldest first, but the entries of one row by their versions.
    private static func ordered(_ found: [Waiting]) -> [Waiting] {
        var rows: [[String]: [Waiting]] = [:]
        for each in found { rows[each.entry.place, default: []].append(each) }
        for place in rows.keys { rows[place]?.sort { $1.entry.follows($0.entry) } }
        let byAge = found.sorted { ($0.entry.at, $0.entry.id) < ($1.entry.at, $1.entry.id) }
        var next: [[String]: Int] = [:]
        return byAge.compactMap { each in
            let place = each.entry.place
            defer { next[place, default: 0] += 1 }
            return rows[place]?[next[place, default: 0]]
        }
    }
}

extension Store.Journal.Entry {
    fileprivate var place: [String] { [workspace.text, noun, row.text] }

    /// True when this one of two entries of a row came later; nothing comes after a deletion.
    fileprivate func follows(_ other: Self) -> Bool {
        if version != other.version { return version > other.version }
        if (action == .deleted) != (other.action == .deleted) { return action == .deleted }
        return (at, id) > (other.at, other.id)
    }
}
