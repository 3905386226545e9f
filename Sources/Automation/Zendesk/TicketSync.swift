import Core
import Integrations
import Store
import Workspace

/// Syncs one ticket with its task.
///
/// It reads the ticket whole, brings the task up to it in one transaction, which also notes down what is
/// about to be sent, and then sends that. Wherever it dies, the next attempt finds in the ticket whether it
/// arrived.
package struct TicketSync: Sendable {
    let connection: Connection
    let plan: Store.Zendesk.Plan
    let zendesk: Zendesk
    let tools: Tools
    let store: Store
    let job: ID
    let attempt: Int

    /// How far it came.
    package enum End: Sendable, Hashable {
        /// Both sides hold the same, as far as they are to.
        case same(String)
        /// Something moved meanwhile.
        case again(Duration)
    }

    /// Times it begins anew because somebody changed the ticket or the task meanwhile.
    static let mostRounds = 4
    /// Zendesk tells time in seconds: what happened within one cannot be told apart.
    static let tick: Duration = .milliseconds(1_100)

    package init(_ connection: Connection, _ tools: Tools, _ store: Store, job: ID, attempt: Int) {
        (self.connection, self.tools, self.store) = (connection, tools, store)
        (self.job, self.attempt) = (job, attempt)
        plan = Store.Zendesk.Plan(connection.settings)
        zendesk = Zendesk(connection.line)
    }

    package func run(_ id: ID) async throws -> End {
        for _ in 0..<Self.mostRounds {
            guard let pair = try await store.zendesk.find(id), pair.state != .ended else {
                return .same("There is nothing to sync any more.")
            }
            do {
                if let end = try await step(pair) { return end }
            } catch let failure as Failure where failure.kind == .conflict {
                // The ticket or the task was changed while both were compared.
                continue
            }
        }
        return .again(.seconds(2))
    }

    /// One comparison; nil when there is to be another.
    private func step(_ pair: Store.Zendesk.Pair) async throws -> End? {
        guard let ticket = pair.ticketID else {
            guard plan.gives else { return .same("Tasks do not become tickets here.") }
            return try await create(for: pair)
        }
        if pair.state == .closed { return try await goOn(pair, after: ticket) }
        let thread: Zendesk.Thread
        do { thread = try await zendesk.ticket(ticket) } catch let failure as Failure
            where failure.kind == .missing
        {
            return try await end(pair, "The ticket was deleted; the task stays.")
        }
        if thread.ticket.isGone { return try await end(pair, "The ticket was deleted; the task stays.") }
        let known = try await settleDoubts(of: pair)
        let sight: Sight?
        do { sight = try await absorb(thread, into: pair.id, known) } catch let failure as Failure
            where failure.kind == .invalid
        {
            return try await leave(pair, thread, failure)
        }
        guard let sight else { return .same("The task was deleted; the ticket stays.") }
        guard plan.gives else { return .same("The task is up to date.") }
        if sight.pair.state == .closed { return nil }
        return try await send(sight, thread)
    }

    /// What the ticket says cannot be held here: it is left so until one of both sides is changed.
    private func leave(
        _ pair: Store.Zendesk.Pair, _ thread: Zendesk.Thread, _ failure: Failure
    ) async throws -> End {
        var pair = pair
        (pair.error, pair.readAt) = (failure.message, thread.seenAt)
        if let task = pair.task, let item = try await store.rows(.tasks).find(task),
            item.version != pair.localVersion
        {
            (pair.localVersion, pair.localAt) = (item.version, item.updatedAt)
        }
        try await store.zendesk.save(&pair)
        return .same(failure.message)
    }

    func end(_ pair: Store.Zendesk.Pair, _ reason: String) async throws -> End {
        var pair = pair
        (pair.state, pair.error) = (.ended, reason)
        try await store.zendesk.save(&pair)
        return .same(reason)
    }
}

extension Zendesk.Ticket {
    /// As the mirror shows it.
    package var seen: JSON {
        [
            "id": JSON(id), "subject": .string(subject), "status": .string(status),
            "priority": JSON(priority.isEmpty ? nil : priority),
            "tags": .array(tags.map(JSON.string)), "external_id": JSON(externalID),
            "requester": requester.map { ["name": .string($0.name), "email": JSON($0.email)] } ?? .null,
            "created_at": JSON(createdAt), "updated_at": JSON(updatedAt),
        ]
    }

    /// Its values, as they are compared.
    var side: TicketMerge.Side {
        TicketMerge.Side([.title: subject, .status: status, .priority: priority], tags: Set(tags))
    }

    /// What a ticket that was made for a task says of it.
    ///
    /// - Parameter ticket: the closed one that it follows.
    static func externalID(of task: ID, after ticket: Int? = nil) -> String {
        "\(prefix)\(task)" + (ticket.map { "-after-\($0)" } ?? "")
    }

    private static let prefix = "atom-task-"

    /// The task that it was made for.
    package var madeFor: ID? {
        guard let externalID, externalID.hasPrefix(Self.prefix) else { return nil }
        return ID(externalID.dropFirst(Self.prefix.count).prefix { $0 != "-" })
    }
}
