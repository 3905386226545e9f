import Core
import Integrations
import Store
import Workspace

// What a task brings to its ticket.
extension TicketSync {
    /// Sends what the ticket lacks: the fields at once, then each comment by itself.
    func send(_ sight: Sight, _ thread: Zendesk.Thread) async throws -> End? {
        var (pair, stamp) = (sight.pair, thread.ticket.stamp)
        if !sight.changes.isEmpty {
            // A change in the second in which we read would have the same stamp, and be lost under ours.
            guard thread.ticket.updatedAt < thread.seenAt else {
                try await Task.sleep(for: Self.tick)
                return nil
            }
            switch await zendesk.update(thread.ticket.id, sight.changes, at: stamp) {
            case .made(let answer): stamp = try await confirm(answer.json, &pair) ?? stamp
            case .failed(let failure) where failure.kind == .invalid: return try await refuse(failure, pair)
            case .failed(let failure) where failure.kind == .missing: return nil
            case .failed(let failure), .unclear(let failure): throw failure
            }
        }
        for comment in sight.unsent { stamp = try await send(comment, of: pair, at: stamp) ?? stamp }
        return .same(sight.changes.isEmpty && sight.unsent.isEmpty ? "Both are the same." : "Sent.")
    }

    /// Keeps that what was sent arrived; the ticket's new stamp.
    private func confirm(_ answer: JSON, _ pair: inout Store.Zendesk.Pair) async throws -> String? {
        guard let ticket = Zendesk.ticket(in: answer) else { return nil }
        var agreed = Agreement(pair.agreed)
        agreed.confirm(pair.pending, by: ticket.side)
        (pair.agreed, pair.pending) = (agreed.json, .null)
        pair.changedAt = max(pair.changedAt, ticket.updatedAt)
        try await store.zendesk.save(&pair)
        return ticket.stamp
    }

    /// Zendesk takes this change never: it stays here until the task is changed again.
    private func refuse(_ failure: Failure, _ pair: Store.Zendesk.Pair) async throws -> End {
        var pair = pair
        (pair.pending, pair.error) = (.null, failure.message)
        try await store.zendesk.save(&pair)
        return .same(failure.message)
    }
}

// Comments, each once.
extension TicketSync {
    /// Comments that are at Zendesk although no link says so: an attempt died after it sent them.
    func settleDoubts(of pair: Store.Zendesk.Pair) async throws -> [ID: Int] {
        guard let ticket = pair.ticketID else { return [:] }
        var (known, marks) = ([ID: Int](), [String: Int]?.none)
        for comment in try await store.zendesk.unsent(of: pair) {
            let entry = try await tools.store.effects.find(
                connection.workspace, key: effect(of: comment.id, pair).key)
            guard let entry, entry.state != .failed else { continue }
            if entry.state != .receipt, marks == nil { marks = try await zendesk.marks(on: ticket) }
            let found = entry.state == .receipt ? nil : marks?[comment.id.text]
            guard entry.state == .receipt || found != nil else { continue }
            let result = try await tools.ledger.once(
                effect(of: comment.id, pair),
                doubt: .about(Provider.zendesk.name) { _ in .made(found.map { [receipt($0)] } ?? []) }
            ) { .failed(Failure(.conflict, "The comment is to be looked for again.")) }
            if case .receipt(let receipt) = result, let id = receipt["comment"]?.integer {
                known[comment.id] = Int(id)
            }
        }
        return known
    }

    /// Says a comment there, unless it was said; the ticket's new stamp.
    private func send(_ comment: Item, of pair: Store.Zendesk.Pair, at stamp: String) async throws -> String?
    {
        guard let ticket = pair.ticketID else { return nil }
        let (zendesk, mark) = (zendesk, comment.id.text)
        let changes: [JSON.Member] = [
            .init("comment", ["body": .string(words(of: comment)), "public": .bool(plan.isPublic)])
        ]
        let result = try await tools.ledger.once(
            effect(of: comment.id, pair),
            doubt: .about(Provider.zendesk.name) { _ in
                .made(try await zendesk.marks(on: ticket)[mark].map { [receipt($0)] } ?? [])
            }
        ) {
            switch await zendesk.update(ticket, changes, at: stamp, mark: mark) {
            case .made(let answer):
                .made(receipt: receipt(Zendesk.comment(in: answer.json) ?? 0, answer.json))
            case .failed(let failure): .failed(failure)
            case .unclear(let failure): .unclear(failure)
            }
        }
        guard case .receipt(let receipt) = result, let id = receipt["comment"]?.integer else {
            throw Failure(
                .unavailable, "Another attempt sends the same comment.", retryAfter: .seconds(2))
        }
        try await store.zendesk.link(Int(id), to: comment.id, of: pair.id)
        return receipt["stamp"]?.string
    }

    private func words(of comment: Item) -> String {
        let text = comment["content"].string ?? ""
        guard !plan.isPublic, let author = comment["author"].string else { return text }
        return "\(author):\n\(text)"
    }

    private func effect(of comment: ID, _ pair: Store.Zendesk.Pair) -> Effect {
        // The pair outlives its connection.
        effect("zendesk:comment:\(pair.id):\(comment)")
    }

    func effect(_ key: String) -> Effect {
        Effect(
            workspace: connection.workspace, key: key, provider: "zendesk",
            requestHash: Store.Messages.digest([key]), job: job, attempt: attempt)
    }

    private func receipt(_ comment: Int, _ answer: JSON = .null) -> JSON {
        [
            "id": .string("\(connection.id):comment:\(comment)"), "comment": JSON(comment),
            "stamp": answer["ticket"]?["updated_at"] ?? .null,
        ]
    }
}
