import Core
import Integrations
import Store

/// Writes tickets at Zendesk because somebody asked for it, each time once.
package struct TicketOrder: Sendable {
    private let connection: Connection
    private let zendesk: Zendesk
    private let tools: Tools
    private let store: Store
    private let job: ID
    private let attempt: Int

    /// Times a change is tried on a ticket that others change too.
    private static let mostRounds = 5

    package init(_ connection: Connection, _ tools: Tools, _ store: Store, job: ID, attempt: Int) {
        (self.connection, self.tools, self.store) = (connection, tools, store)
        (self.job, self.attempt) = (job, attempt)
        zendesk = Zendesk(connection.line)
    }

    /// Makes a ticket; what it is to hold must be the same on every attempt.
    package func create(_ ticket: [JSON.Member]) async throws -> JSON {
        let (zendesk, external) = (zendesk, "atom-job-\(job)")
        let body = JSON.object(ticket + [.init("external_id", .string(external))])
        let result = try await tools.ledger.once(
            effect("create_ticket:\(job)"), doubt: zendesk.doubt(about: external, of: connection.id)
        ) { await zendesk.create(body, key: Zendesk.key(job.text)).call(on: connection.id) }
        guard case .receipt(let receipt) = result, let id = receipt["ticket"]?.integer else {
            throw Self.busy
        }
        return try await shown(try await zendesk.ticket(Int(id)).ticket)
    }

    /// Makes a ticket hold these values, whatever else it holds.
    package func update(_ id: Int, _ changes: [JSON.Member]) async throws -> JSON {
        for _ in 0..<Self.mostRounds {
            let thread = try await zendesk.ticket(id)
            let news = changes.filter { !thread.ticket.holds($0) }
            if news.isEmpty { return try await shown(thread.ticket) }
            guard thread.ticket.updatedAt < thread.seenAt else {
                try await Task.sleep(for: TicketSync.tick)
                continue
            }
            switch await zendesk.update(id, news, at: thread.ticket.stamp) {
            case .made(let answer):
                if let ticket = Zendesk.ticket(in: answer.json) { return try await shown(ticket) }
            // Somebody else was faster: what they wrote is read, and what is missing written again.
            case .failed(let failure) where failure.kind == .conflict: continue
            case .failed(let failure), .unclear(let failure): throw failure
            }
        }
        throw Self.busy
    }

    /// Says something on a ticket.
    package func comment(_ id: Int, _ comment: JSON) async throws {
        let (zendesk, mark) = (zendesk, job.text)
        let receipt: @Sendable (Int) -> JSON = { ["id": .string("\(connection.id):comment:\($0)")] }
        for _ in 0..<Self.mostRounds {
            let stamp = try await zendesk.ticket(id).ticket.stamp
            do {
                let result = try await tools.ledger.once(
                    effect("comment_ticket:\(job)"),
                    doubt: .about(Provider.zendesk.name) { _ in
                        .made(try await zendesk.marks(on: id)[mark].map { [receipt($0)] } ?? [])
                    }
                ) {
                    switch await zendesk.update(id, [.init("comment", comment)], at: stamp, mark: mark) {
                    case .made(let answer): .made(receipt: receipt(Zendesk.comment(in: answer.json) ?? 0))
                    case .failed(let failure): .failed(failure)
                    case .unclear(let failure): .unclear(failure)
                    }
                }
                guard case .receipt = result else { throw Self.busy }
                return
            } catch let failure as Failure where failure.kind == .conflict { continue }
        }
        throw Self.busy
    }

    private static let busy = Failure(
        .unavailable, "The ticket is being changed by others.", retryAfter: .seconds(5))

    private func effect(_ key: String) -> Effect {
        Effect(
            workspace: connection.workspace, key: key, provider: "zendesk",
            requestHash: Store.Messages.digest([key]), job: job, attempt: attempt)
    }

    /// Takes the ticket into the mirror, and has its task synced.
    private func shown(_ ticket: Zendesk.Ticket) async throws -> JSON {
        let plan = Store.Zendesk.Plan(connection.settings)
        let connection = connection.id
        try await store.transaction { store in
            try await store.zendesk.notice(
                (ticket.id, ticket.seen, ticket.updatedAt), task: ticket.madeFor, of: connection,
                isWanted: plan.takes)
            guard let pair = try await store.zendesk.find(connection, ticket: ticket.id) else { return }
            try await store.zendesk.enqueue(pair.id, of: connection)
        }
        return ticket.seen
    }
}

extension Zendesk.Ticket {
    /// True when it is what a change would make of it; tags have no order there.
    fileprivate func holds(_ change: JSON.Member) -> Bool {
        guard change.name == "tags" else { return seen[change.name] == change.value }
        return Set(tags) == Set((change.value.array ?? []).compactMap(\.string))
    }
}

extension Zendesk {
    /// An idempotency key, a UUID, that follows from a name.
    static func key(_ name: String) -> String {
        let digits = Array(Store.Messages.digest([name]).prefix(32))
        let cuts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return cuts.map { String(digits[$0]) }.joined(separator: "-")
    }

    /// Makes the ticket of a task, unless there is one from a connection that is gone.
    func make(_ ticket: JSON, called external: String, key: String, on connection: ID) async -> Ledger.Call {
        do {
            if let known = try await self.ticket(calledOutside: external) {
                return .made(receipt: .made(known.id, connection))
            }
        } catch let failure as Failure {
            return .failed(failure)
        } catch {
            return .failed(Failure(.unavailable, "The attempt was stopped.", cause: error))
        }
        return await create(ticket, key: key).call(on: connection)
    }

    /// A ticket that may have been made is looked for by its external id: the key of its call is forgotten
    /// after two hours, that never.
    func doubt(about external: String, of connection: ID) -> Ledger.Doubt {
        .about(Provider.zendesk.name) { [self] _ in
            .made(try await ticket(calledOutside: external).map { [.made($0.id, connection)] } ?? [])
        }
    }
}

extension Line.Telling {
    /// What became of a call that makes a ticket.
    func call(on connection: ID) -> Ledger.Call {
        switch self {
        case .made(let answer): .made(receipt: .made(answer.json["ticket"]?["id"]?.integer ?? 0, connection))
        case .failed(let failure): .failed(failure)
        case .unclear(let failure): .unclear(failure)
        }
    }
}

extension JSON {
    /// The receipt of a ticket that was made.
    fileprivate static func made(_ ticket: some BinaryInteger, _ connection: ID) -> JSON {
        ["id": .string("\(connection):ticket:\(ticket)"), "ticket": .integer(Int64(ticket))]
    }
}
