import Core
import SQL
import Workspace

extension Shelf {
    /// The messages of all channels. Each belongs to a thread; what was sent does not change any more.
    package static let messages: Shelf = {
        var shelf = Shelf(.message)
        shelf.prepare = { draft, store in
            try draft.keepWritten()
            draft.date()
            guard draft.before == nil else { return }
            try await store.messages.requireUsers(draft.values)
            try await store.messages.file(&draft)
        }
        shelf.settle = { change, store in
            if change.after == nil, change.before?.values.text("status") == MessageStatus.queued.rawValue {
                throw Failure(.conflict, "The message is being sent; delete it afterwards.")
            }
            try await store.threads.follow(change)
            try await store.followUps.hear(message: change)
            try await store.messages.hear(change)
        }
        return shelf
    }()
}

extension Shelf.Draft {
    private static let written = ["subject", "body", "format", "from_address", "to"]

    /// Throws `conflict` for a change of what was sent already, or is about to be.
    fileprivate func keepWritten() throws {
        guard let before, before.values.text("status") != MessageStatus.draft.rawValue else { return }
        guard let name = Self.written.first(where: { values[$0] != before.values[$0] }) else { return }
        throw Failure(
            .conflict, "Only a draft can be changed; this message stays as it was written.", at: "/\(name)")
    }

    /// Fills in the status of a new message, and the times that belong to a status.
    fileprivate mutating func date() {
        if before == nil, !given.has("status") {
            let out: MessageStatus = values.time("sent_at") == nil ? .draft : .sent
            values["status"] = JSON(values.text("direction") == "in" ? .received : out)
        }
        let status = values.text("status").flatMap { MessageStatus(rawValue: $0) }
        if isTaken(status), values.time("sent_at") == nil { values["sent_at"] = JSON(now) }
        if status == .read, values.time("read_at") == nil { values["read_at"] = JSON(now) }
        let isWaiting = status == .queued || status == .scheduled
        let wasDraft = before?.values.text("status") == MessageStatus.draft.rawValue
        guard before == nil || wasDraft && isWaiting else { return }
        values["occurred_at"] = JSON(values.time("sent_at") ?? values.time("send_at") ?? now)
    }

    /// True once the channel has a message that goes out; it may say so only by how far the message is.
    private func isTaken(_ status: MessageStatus?) -> Bool {
        values.text("direction") == "out" && [.sent, .delivered, .read].contains(status)
    }
}

extension Store.Messages {
    /// Whoever writes can be written to again.
    fileprivate func hear(_ change: Shelf.Change) async throws {
        guard change.before == nil, let values = change.after?.values, values.text("direction") == "in",
            let channel = values.text("channel").flatMap({ Channel(rawValue: $0) }),
            let sender = values.text("from_address")
        else { return }
        try await regain(sender, on: channel)
    }
}
