import Core
import SQL

extension Store.Journal {
    /// Which links of a chain are asked for.
    package struct Query: Sendable {
        package var noun: String?
        package var row: ID?
        package var actor: String?
        package var from: Moment?
        package var before: Moment?

        package init() {}
    }

    /// The links of a workspace, newest first. The page goes on after the entry it names.
    package func chain(
        _ workspace: ID, _ query: Query = Query(), page: Store.Page = Store.Page()
    ) async throws -> [Link] {
        var clause = Clause([Value(workspace), Value(page.limit)])
        clause.add("j.noun =", query.noun.map { .text($0) })
        clause.add("j.row_id =", query.row.map { Value($0) })
        clause.add("j.actor =", query.actor.map { .text($0) })
        clause.add("j.at >=", query.from.map { Value($0) })
        clause.add("j.at <", query.before.map { Value($0) })
        if let after = page.after {
            clause.add(
                "c.position < (select position from audit_chain where workspace_id = $1 and entry_id = ?)",
                [Value(after)])
        }
        return try await access.query(
            """
            select \(Entry.columns(of: "j")), c.position, c.hash from audit_chain c
            join journal j on j.workspace_id = c.workspace_id and j.id = c.entry_id
            where c.workspace_id = $1\(clause.text("and")) order by c.position desc limit $2
            """, clause.values, Link.init(row:))
    }
}
