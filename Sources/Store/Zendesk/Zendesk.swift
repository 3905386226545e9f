import Core
import SQL
import Workspace

extension Store {
    /// Tickets of Zendesk and the tasks that they are; the store must have a scope.
    package struct Zendesk: Sendable {
        let store: Store

        /// True while a sync writes what Zendesk said, which needs not be told to Zendesk.
        @TaskLocal package static var isBringing = false
    }

    package var zendesk: Zendesk { Zendesk(store: self) }
}

extension Store.Zendesk {
    var access: Access { store.access }

    func workspace() throws -> ID { try store.rows(.connections).scope.workspace }

    package func find(_ id: ID) async throws -> Pair? {
        try await list("id = $2", [Value(id)]).first
    }

    package func find(_ connection: ID, ticket: Int) async throws -> Pair? {
        try await list("connection_id = $2 and ticket_id = $3", [Value(connection), Value(ticket)]).first
    }

    package func find(_ connection: ID, task: ID) async throws -> Pair? {
        try await list("connection_id = $2 and task_id = $3", [Value(connection), Value(task)]).first
    }

    /// The tickets that were seen, newest first.
    package func page(_ page: Store.Page, of connection: ID?, status: String?) async throws -> [Pair] {
        var clause = Clause([Value(try workspace()), Value(page.limit)])
        clause.add("connection_id =", connection.map { Value($0) })
        clause.add("id <", page.after.map { Value($0) })
        if let status { clause.add("ticket like ?", [.text("%\"status\":\"\(status)\"%")]) }
        return try await access.query(
            """
            select \(Pair.columns) from zendesk_tickets
            where workspace_id = $1 and account is null and ticket_id is not null\(clause.text("and"))
            order by id desc limit $2
            """, clause.values, Pair.init)
    }

    private func list(_ condition: String, _ values: [Value]) async throws -> [Pair] {
        try await access.query(
            "select \(Pair.columns) from zendesk_tickets where workspace_id = $1 and \(condition)",
            [Value(try workspace())] + values, Pair.init)
    }

    /// Takes note of a ticket as Zendesk says it is.
    ///
    /// - Parameters:
    ///   - task: the task that it says it is; it was made for that one.
    ///   - isWanted: false for one that is to stay unknown unless it is known already.
    package func notice(
        _ ticket: (id: Int, seen: JSON, at: Moment), task: ID?, of connection: ID, isWanted: Bool
    ) async throws {
        var known = try await find(connection, ticket: ticket.id)
        if known == nil, let task { known = try await find(connection, task: task) }
        guard let known else {
            // It was made for one of our tasks through a connection that is gone.
            let own = if let task { try await store.rows(.tasks).find(task)?.id } else { ID?.none }
            guard isWanted || own != nil else { return }
            var pair = Pair(connection, ticketID: ticket.id, task: own)
            (pair.ticket, pair.changedAt) = (ticket.seen, ticket.at)
            return try await insert(pair)
        }
        try await access.execute(
            """
            update zendesk_tickets set ticket_id = $3, ticket = $4, changed_at = $5
            where workspace_id = $1 and id = $2 and changed_at <= $5
            and (ticket_id is null or ticket_id = $3)
            """,
            [
                Value(try workspace()), Value(known.id), Value(ticket.id), .text(ticket.seen.text),
                Value(ticket.at),
            ])
    }
}

// Which of a ticket's comments are here.
extension Store.Zendesk {
    /// Ids there, with the comment here; nil for the description.
    package func comments(of pair: ID) async throws -> [Int: ID?] {
        let rows = try await access.query(
            "select remote_id, comment_id from zendesk_comments where workspace_id = $1 and pair_id = $2",
            [Value(try workspace()), Value(pair)]
        ) { (try $0.get("remote_id", as: Int.self), try $0.get("comment_id", as: ID?.self)) }
        return Dictionary(rows) { first, _ in first }
    }

    package func link(_ remote: Int, to comment: ID?, of pair: ID) async throws {
        try await access.execute(
            """
            insert into zendesk_comments (workspace_id, pair_id, remote_id, comment_id)
            values ($1, $2, $3, $4) on conflict do nothing
            """, [Value(try workspace()), Value(pair), Value(remote), Value(comment)])
    }

    /// The comments of a task that are not at Zendesk yet, oldest first.
    package func unsent(of pair: Pair) async throws -> [Item] {
        guard let task = pair.task else { return [] }
        let ids = try await access.query(
            """
            select c.id from comments c where c.workspace_id = $1 and c.task_id = $2
            and not exists (select 1 from zendesk_comments z
                where z.workspace_id = c.workspace_id and z.pair_id = $3 and z.comment_id = c.id)
            order by c.id limit 100
            """, [Value(try workspace()), Value(task), Value(pair.id)]
        ) { try $0.get("id", as: ID.self) }
        return try await store.rows(.comments).find(ids).sorted { $0.id < $1.id }
    }

    /// Writes a comment that somebody made at Zendesk. Nobody here is told of a mention in it: it comes from
    /// outside.
    package func add(_ content: String, to task: ID, at now: Moment) async throws -> ID {
        try await store.rows(Shelf.comments.bare).create(
            Values(["task_id": JSON(task), "content": .string(content)]), at: now
        ).id
    }
}
