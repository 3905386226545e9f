import Core
import SQL
import Workspace

// What the job that sends a message writes down.
extension Store.Messages {
    /// The message that the job is to send now: from here on it cannot be cancelled. Nil when it is not the
    /// job's any more: sent, cancelled or deleted, or the channel has told how it failed. What the job itself
    /// could not send waits again.
    package func take(_ id: ID, by job: ID) async throws -> Item? {
        try await store.transaction { store in
            guard let message = try await store.messages.held(id), message.values.id("job_id") == job,
                !message.isSent
            else { return nil }
            guard message.status != .queued else { return message }
            return try await store.rows(.messages).update(
                id, Values(["status": "queued", "error": .null]))
        }
    }

    /// The channel has taken it. What the channel told of it before that stays.
    ///
    /// - Parameters:
    ///   - receipt: what the ledger keeps of the call.
    ///   - externalID: what the channel calls the message.
    package func sent(_ id: ID, receipt: JSON, externalID: String?) async throws {
        let values = Values(["receipt": receipt, "external_id": JSON(externalID)])
        do { try await keep(id, values) } catch let failure as Failure where failure.kind == .conflict {
            // A reading of the channel was faster, and has brought it here as another message.
            try await keep(id, values.changed(by: Values(["external_id": .null])))
        }
    }

    private func keep(_ id: ID, _ values: Values) async throws {
        try await store.transaction { store in
            guard let before = try await store.messages.held(id) else { return }
            let message = try await store.rows(.messages).update(id, values.changed(by: before.sending))
            try await store.messages.tell(message)
        }
    }

    /// What goes to users of the workspace is among their notifications.
    private func tell(_ message: Item) async throws {
        guard message["channel"].string == Channel.inApp.rawValue else { return }
        let news = Store.Notifications.News(
            kind: "message",
            title: String((message.values.text("subject") ?? "A message for you").prefix(200)),
            body: String((message.values.text("body") ?? "").prefix(2_000)), subject: message.id)
        let readers = try await store.notifications.readers(message.values.ids("to"))
        try await store.notifications.add(news, to: readers)
    }

    /// The job has given up.
    package func failed(_ id: ID, by job: ID, _ reason: String) async throws {
        try await store.transaction { store in
            guard let message = try await store.messages.held(id), message.values.id("job_id") == job,
                !message.isSent
            else { return }
            // A message of the server may hold more than a field takes, and line breaks besides.
            try await store.rows(.messages).update(
                id, Values(["status": "failed", "error": .string(Self.oneLine(reason))]))
        }
    }

    /// The message, with no other writer until the transaction ends; nil when it was deleted.
    func held(_ id: ID) async throws -> Item? {
        // A change of nothing writes nothing, but locks the row first.
        do { return try await store.rows(.messages).update(id, Values()) } catch let failure as Failure {
            guard failure.kind == .missing else { throw failure }
            return nil
        }
    }
}

extension Item {
    /// The channel has the message, whatever became of it there.
    fileprivate var isSent: Bool { [.sent, .delivered, .read].contains(status) }

    /// What its sending changes: nothing where the channel was faster in telling what became of it. A failure
    /// that names a job is the word of that job alone.
    fileprivate var sending: Values {
        switch status {
        case .delivered, .read: Values()
        case .failed where values.id("job_id") == nil: Values()
        case .failed: Values(["status": "sent", "error": .null])
        default: Values(["status": "sent"])
        }
    }
}
