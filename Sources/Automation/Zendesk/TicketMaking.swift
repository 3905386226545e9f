import Core
import Integrations
import Store
import Workspace

// New tickets, each made once.
extension TicketSync {
    private static let closed = End.same("The ticket is closed, and its task holds nothing new.")

    /// Makes the ticket of a task; nil when it is made, for the comparison that follows.
    func create(for pair: Store.Zendesk.Pair) async throws -> End? {
        guard let task = pair.task, let item = try await store.rows(.tasks).find(task) else {
            return try await end(pair, "The task was deleted before it had a ticket.")
        }
        return try await make(item, pair, after: nil)
    }

    /// A closed ticket takes nothing any more: what its task has new goes on in a ticket that follows it. Nil
    /// when that is made.
    func goOn(_ pair: Store.Zendesk.Pair, after ticket: Int) async throws -> End? {
        guard plan.gives, let task = pair.task else { return Self.closed }
        guard let item = try await store.rows(.tasks).find(task) else {
            return try await end(pair, "The task was deleted; the ticket stays.")
        }
        for (comment, remote) in try await settleDoubts(of: pair) {
            try await store.zendesk.link(remote, to: comment, of: pair.id)
        }
        let isSpokenOn = try await !store.zendesk.unsent(of: pair).isEmpty
        guard pair.pending["body"] != nil || isReopened(item, pair) || isSpokenOn else {
            return Self.closed
        }
        return try await make(item, pair, after: ticket)
    }

    /// True when somebody here has taken up a task whose ticket is closed.
    private func isReopened(_ item: Item, _ pair: Store.Zendesk.Pair) -> Bool {
        let status = item["status"].string ?? ""
        guard let last = Agreement(pair.agreed).fields[.status] else { return false }
        return last.here != status && !TicketField.status.matches(status, "closed")
    }

    private func make(
        _ item: Item, _ pair: Store.Zendesk.Pair, after ticket: Int?
    ) async throws -> End? {
        var pair = pair
        if pair.pending["body"] == nil {
            // Kept before it is sent: a repeat under the same key must be the same to the letter.
            pair.pending = try await draft(of: item, pair, after: ticket)
            try await store.zendesk.save(&pair)
        }
        let kept = pair
        do {
            let made = try await self.ticket(for: item.id, kept, after: ticket)
            try await store.transaction { try await $0.zendesk.give(kept, made) }
        } catch let failure as Failure where failure.kind == .invalid {
            (pair.localVersion, pair.error, pair.pending) = (item.version, failure.message, .null)
            try await store.zendesk.save(&pair)
            return .same(failure.message)
        }
        return nil
    }

    private func ticket(
        for task: ID, _ pair: Store.Zendesk.Pair, after ticket: Int?
    ) async throws -> Int {
        let external = Zendesk.Ticket.externalID(of: task, after: ticket)
        let name = ticket.map { "\(pair.id):\($0)" } ?? pair.id.text
        let (zendesk, body) = (zendesk, pair.pending["body"] ?? .null)
        let result = try await tools.ledger.once(
            effect("zendesk:create:\(name)"), doubt: zendesk.doubt(about: external, of: connection.id)
        ) { await zendesk.make(body, called: external, key: Zendesk.key(name), on: connection.id) }
        guard case .receipt(let receipt) = result, let id = receipt["ticket"]?.integer else {
            throw Failure(.unavailable, "Another attempt makes the ticket.", retryAfter: .seconds(2))
        }
        return Int(id)
    }

    private func draft(of item: Item, _ pair: Store.Zendesk.Pair, after ticket: Int?) async throws -> JSON {
        let here = item.side(try await store.zendesk.tags())
        let status =
            here.fields[.status] == "todo" ? "new" : TicketField.status.there(here.fields[.status] ?? "")
        let there = TicketMerge.Side(
            [
                .title: TicketField.title.there(here.fields[.title] ?? ""), .status: status,
                .priority: TicketField.priority.there(here.fields[.priority] ?? ""),
            ], tags: here.tags)
        let body: [JSON.Member] = [
            .init("subject", .string(there.fields[.title] ?? "")), .init("status", .string(status)),
            .init("priority", .string(there.fields[.priority] ?? "")),
            .init("tags", .array(here.tags.sorted().map(JSON.string))),
            .init("external_id", .string(Zendesk.Ticket.externalID(of: item.id, after: ticket))),
        ]
        let words = ticket.map { opening(after: $0, pair) } ?? opening(item)
        return ["body": .object(body + words), "agreed": Agreement(here: here, there: there).json]
    }

    private func opening(_ item: Item) -> [JSON.Member] {
        let words = [item["description"].string ?? "", item["title"].string ?? ""]
        return [comment(words.first { !$0.allSatisfy(\.isWhitespace) } ?? "")]
    }

    /// Who asked in the closed ticket asks in the one that follows it.
    private func opening(after ticket: Int, _ pair: Store.Zendesk.Pair) -> [JSON.Member] {
        let asker = pair.ticket["requester"].flatMap { $0["email"]?.string == nil ? nil : $0 }
        return [.init("via_followup_source_id", JSON(ticket)), comment("This goes on from #\(ticket).")]
            + (asker.map { [.init("requester", $0)] } ?? [])
    }

    private func comment(_ text: String) -> JSON.Member {
        .init("comment", ["body": .string(text), "public": .bool(plan.isPublic)])
    }
}
