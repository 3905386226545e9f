import Core
import Integrations
import Store
import Workspace

// What a ticket brings here.
extension TicketSync {
    /// A task and its ticket after the task was brought up to it.
    struct Sight: Sendable {
        var pair: Store.Zendesk.Pair
        /// What the ticket is to be sent.
        let changes: [JSON.Member]
        let unsent: [Item]
    }

    /// Characters of a comment here.
    private static let mostOfComment = 20_000

    /// Writes what the ticket says and the task does not, and what of the task is to be sent, all or nothing;
    /// nil when the task is gone.
    func absorb(
        _ thread: Zendesk.Thread, into id: ID, _ known: [ID: Int]
    ) async throws -> Sight? {
        try await Store.Zendesk.$isBringing.withValue(true) {
            // Two that make the same label or contact at once are in each other's way.
            try await store.settled { store in
                guard var pair = try await store.zendesk.find(id) else { return nil }
                let changes = try await take(thread, into: &pair, store)
                try await takeComments(thread, of: pair, known, store)
                try await store.zendesk.save(&pair)
                guard let changes else { return nil }
                return Sight(
                    pair: pair, changes: changes, unsent: try await store.zendesk.unsent(of: pair))
            }
        }
    }

    /// What the ticket is to be sent; nil when the task is gone.
    private func take(
        _ thread: Zendesk.Thread, into pair: inout Store.Zendesk.Pair, _ store: Store
    ) async throws -> [JSON.Member]? {
        let ticket = thread.ticket
        (pair.ticket, pair.readAt, pair.error) = (ticket.seen, thread.seenAt, nil)
        pair.changedAt = max(pair.changedAt, ticket.updatedAt)
        if let email = ticket.requester?.email, pair.contact == nil {
            pair.contact = try await store.zendesk.contact(ticket.requester?.name ?? "", email)
        }
        if ticket.isClosed { pair.state = .closed }
        guard let task = pair.task else {
            try await found(ticket, &pair, store)
            return []
        }
        guard let item = try await store.rows(.tasks).find(task) else {
            (pair.state, pair.error) = (.ended, "The task was deleted.")
            return nil
        }
        return try await merge(item, ticket, &pair, store)
    }

    /// Makes the task of a ticket that has none.
    private func found(
        _ ticket: Zendesk.Ticket, _ pair: inout Store.Zendesk.Pair, _ store: Store
    ) async throws {
        guard plan.takes else { return }
        var side = ticket.side
        for field in TicketField.allCases { side.fields[field] = field.here(side.fields[field] ?? "") }
        side.tags = Set(side.tags.filter(Store.Zendesk.isLabel).sorted().prefix(TicketMerge.mostLabels))
        var values = try await self.values(side, store)
        values["description"] = .string(
            TicketField.cut(TicketField.plain(ticket.description), to: Self.mostOfComment))
        if let project = plan.project { values["project_id"] = JSON(project) }
        let item = try await store.rows(.tasks).create(values)
        pair.task = item.id
        (pair.localVersion, pair.localAt) = (item.version, ticket.updatedAt)
        pair.agreed = Agreement(here: side, there: ticket.side).json
    }

    private func merge(
        _ item: Item, _ ticket: Zendesk.Ticket, _ pair: inout Store.Zendesk.Pair, _ store: Store
    ) async throws -> [JSON.Member] {
        var agreed = Agreement(pair.agreed)
        // What the ticket was made with was the same on both sides.
        if let draft = pair.pending["agreed"] { agreed = Agreement(draft) }
        agreed.confirm(pair.pending, by: ticket.side)
        let tags = try await store.zendesk.tags()
        let here = item.side(tags)
        if item.version != pair.localVersion { pair.localAt = item.updatedAt }
        let merge = TicketMerge(
            here: here, there: ticket.side, agreed: agreed, isNewerHere: pair.localAt > ticket.updatedAt,
            plan: pair.state == .closed ? plan.receiving : plan)
        var after = item
        if merge.here != here {
            after = try await store.rows(.tasks).update(
                item.id, try await values(merge.here, of: item, tags, store), version: item.version)
        }
        (pair.localVersion, pair.agreed, pair.pending) = (after.version, merge.agreed.json, merge.pending)
        return merge.changes
    }

    private func values(_ side: TicketMerge.Side, _ store: Store) async throws -> Values {
        var values = Values()
        for (field, value) in side.fields { values[field.rawValue] = .string(value) }
        let tags = try await store.zendesk.tags()
        values["label_ids"] = .array(
            try await store.zendesk.labels(for: side.tags, among: tags).map { JSON($0) })
        return values
    }

    /// What of a task is to be changed, and nothing else.
    private func values(
        _ side: TicketMerge.Side, of item: Item, _ tags: [ID: String], _ store: Store
    ) async throws -> Values {
        let before = item.side(tags)
        var values = Values()
        for (field, value) in side.fields where before.fields[field] != value {
            values[field.rawValue] = .string(value)
        }
        guard side.tags != before.tags else { return values }
        let mine = item.values.ids("label_ids")
        let kept = mine.filter { tags[$0].map(side.tags.contains) ?? true }
        let fresh = side.tags.subtracting(before.tags)
        let labels = try await store.zendesk.labels(for: fresh, among: tags)
        values["label_ids"] = .array((kept + labels).map { JSON($0) })
        return values
    }

    /// Writes the comments that are only there; the first one is the description.
    private func takeComments(
        _ thread: Zendesk.Thread, of pair: Store.Zendesk.Pair, _ known: [ID: Int], _ store: Store
    ) async throws {
        var linked = try await store.zendesk.comments(of: pair.id)
        for (comment, remote) in known where linked[remote] == nil {
            try await store.zendesk.link(remote, to: comment, of: pair.id)
            linked[remote] = comment
        }
        guard let task = pair.task, pair.state != .ended else { return }
        for (index, comment) in thread.comments.enumerated() where linked[comment.id] == nil {
            guard index > 0 else {
                try await store.zendesk.link(comment.id, to: nil, of: pair.id)
                continue
            }
            guard plan.takes else { continue }
            let id = try await store.zendesk.add(text(of: comment, in: thread), to: task, at: .now)
            try await store.zendesk.link(comment.id, to: id, of: pair.id)
        }
    }

    private func text(of comment: Zendesk.Comment, in thread: Zendesk.Thread) -> String {
        let author = comment.authorID.flatMap { thread.people[$0]?.name } ?? "Somebody"
        let kind = comment.isPublic ? "" : ", internally"
        return TicketField.cut(
            "\(TicketField.plain(author)) at Zendesk\(kind):\n\(TicketField.plain(comment.body))",
            to: Self.mostOfComment)
    }
}

extension Item {
    /// A task's values, as they are compared.
    func side(_ tags: [ID: String]) -> TicketMerge.Side {
        TicketMerge.Side(
            Dictionary(
                uniqueKeysWithValues: TicketField.allCases.map { ($0, self[$0.rawValue].string ?? "") }),
            tags: Set(values.ids("label_ids").compactMap { tags[$0] }))
    }
}

extension Store.Zendesk.Plan {
    /// The same, for a ticket that takes nothing any more.
    var receiving: Self { Self(project: project, takes: takes, gives: false, isPublic: isPublic) }
}
