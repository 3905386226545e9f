import Core
import SQL

extension Store.Zendesk {
    /// A ticket and the task that it is.
    package struct Pair: Sendable, Hashable {
        package let id: ID
        package let connection: ID
        /// Nil while the task's ticket is not made.
        package var ticketID: Int?
        /// Nil while the ticket has no task.
        package var task: ID?
        package var contact: ID?
        /// The ticket as it was seen last.
        package var ticket: JSON = [:]
        /// What both sides held when they last agreed, field by field.
        package var agreed: JSON = [:]
        /// What was sent, or is about to be, and is not confirmed; null where nothing is.
        package var pending: JSON = .null
        /// The newest change there that is known of, by Zendesk's clock.
        package var changedAt = Moment(microseconds: 0)
        /// When all of the ticket was read, by Zendesk's clock.
        package var readAt = Moment(microseconds: 0)
        /// The task's version when it was compared last.
        package var localVersion = 0
        /// When somebody else than the sync changed that version's task.
        package var localAt = Moment(microseconds: 0)
        package var state = State.open
        /// Why Zendesk refused the last change.
        package var error: String?
        package fileprivate(set) var turn = 0
        package let createdAt: Moment

        package enum State: String, Sendable, Hashable, CaseIterable {
            case open
            /// Zendesk takes no more changes: what comes goes into a ticket that follows.
            case closed
            /// The ticket or the task was deleted; the other one stays by itself.
            case ended
        }

        init(_ connection: ID, ticketID: Int? = nil, task: ID? = nil) {
            (id, self.connection, createdAt) = (ID(), connection, .now)
            (self.ticketID, self.task) = (ticketID, task)
        }

        init(_ row: Row) throws {
            id = try row.get("id")
            connection = try row.get("connection_id")
            ticketID = try row.get("ticket_id")
            task = try row.get("task_id")
            contact = try row.get("contact_id")
            ticket = try row.json("ticket")
            agreed = try row.json("agreed")
            pending = try row.json("pending")
            changedAt = try row.get("changed_at")
            readAt = try row.get("read_at")
            localVersion = try row.get("local_version")
            localAt = try row.get("local_at")
            state = try row.word("state")
            error = try row.get("error")
            turn = try row.get("turn")
            createdAt = try row.get("created_at")
        }

        static let columns = """
            connection_id, id, ticket_id, task_id, contact_id, ticket, agreed, pending, changed_at, read_at,
            local_version, local_at, state, error, turn, created_at
            """

        /// In the order of the columns.
        var values: [Value] {
            [
                Value(connection), Value(id), Value(ticketID), Value(task), Value(contact),
                .text(ticket.text), .text(agreed.text), .text(pending.text), Value(changedAt), Value(readAt),
                Value(localVersion), Value(localAt), Value(state), Value(error), Value(turn),
                Value(createdAt),
            ]
        }
    }
}

extension Row {
    fileprivate func json(_ name: String) throws -> JSON {
        try JSONParser.parse(Array(get(name, as: String.self).utf8))
    }
}

extension Store.Zendesk {
    /// Keeps a pair, if no other attempt has since it was read. Throws `unavailable` when one has.
    ///
    /// What was noticed at Zendesk meanwhile stays: it is news.
    package func save(_ pair: inout Pair) async throws {
        let count = try await access.execute(
            """
            update zendesk_tickets set ticket_id = coalesce($4, ticket_id), task_id = $5, contact_id = $6,
                ticket = $7, agreed = $8, pending = $9, read_at = $11, local_version = $12, local_at = $13,
                changed_at = case when changed_at > $10 then changed_at else $10 end,
                state = $14, error = $15, turn = $16 + 1, created_at = $17
            where workspace_id = $1 and connection_id = $2 and id = $3 and turn = $16
            """, [Value(try workspace())] + pair.values)
        guard count == 1 else {
            throw Failure(
                .unavailable, "Another attempt syncs the same ticket.", retryAfter: .milliseconds(200))
        }
        pair.turn += 1
    }

    /// Gives a pair the ticket that was made for it. A closed one that it had stays to be seen, by itself.
    package func give(_ pair: Pair, _ ticket: Int) async throws {
        var (fresh, former) = (pair, Pair(pair.connection, ticketID: pair.ticketID))
        (fresh.ticketID, fresh.state, fresh.error) = (ticket, .open, nil)
        try await save(&fresh)
        guard pair.ticketID != nil else { return }
        (former.ticket, former.contact, former.state) = (pair.ticket, pair.contact, pair.state)
        (former.changedAt, former.readAt) = (pair.changedAt, pair.readAt)
        try await insert(former)
    }

    func insert(_ pair: Pair) async throws {
        try await access.execute(
            """
            insert into zendesk_tickets (workspace_id, \(Pair.columns))
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            on conflict do nothing
            """, [Value(try workspace())] + pair.values)
    }
}
