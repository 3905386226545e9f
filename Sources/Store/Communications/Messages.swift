import Core
import SQL
import Workspace

extension Store {
    /// What is done with messages beyond writing them down; the store must have a scope.
    package struct Messages: Sendable {
        let store: Store
    }

    package var messages: Messages { Messages(store: self) }
}

extension Store.Messages {
    /// Writes down a message that a job is to send, in the transaction of its promise.
    ///
    /// - Parameters:
    ///   - values: its fields, but for those of the sending.
    ///   - job: the id of the job that is going to send it.
    ///   - time: when it is to be sent; nil for at once.
    /// - Throws: `invalid` at the field that is wrong or missing.
    package func promise(
        _ values: Values, id: ID = ID(), to job: ID, at time: Moment? = nil
    ) async throws -> Item {
        var values = values.changed(by: promised(job, time))
        values["direction"] = "out"
        try values.requireSendable()
        return try await store.rows(.messages).create(values, id: id)
    }

    /// Has a draft, or a message that could not be sent, sent by a job. Throws `conflict` for any other.
    package func promise(_ id: ID, to job: ID, at time: Moment? = nil) async throws -> Item {
        try await store.transaction { store in
            let message = try await store.rows(.messages).require(id)
            guard [.draft, .failed].contains(message.status), message.values.text("direction") == "out" else {
                throw Failure(
                    .conflict, "Only a draft or a failed message can be sent; this one is \(message.state).")
            }
            try message.values.requireSendable()
            return try await store.rows(.messages).update(
                id, store.messages.promised(job, time), version: message.version)
        }
    }

    private func promised(_ job: ID, _ time: Moment?) -> Values {
        Values([
            "status": JSON(time == nil ? MessageStatus.queued : .scheduled), "send_at": JSON(time),
            "job_id": JSON(job), "error": .null,
        ])
    }

    /// Makes a scheduled message a draft again, and returns it and the job that would have sent it.
    /// Throws `conflict` when it is not waiting.
    package func cancel(_ id: ID) async throws -> (message: Item, job: ID?) {
        try await store.transaction { store in
            let message = try await store.rows(.messages).require(id)
            guard message.status == .scheduled else {
                throw Failure(
                    .conflict, "Only a scheduled message can be cancelled; this one is \(message.state).")
            }
            let draft = try await store.rows(.messages).update(
                id, Values(["status": "draft", "send_at": .null, "job_id": .null]), version: message.version)
            return (draft, message.values.id("job_id"))
        }
    }

    /// Marks a message that came in as read; once is enough.
    package func read(_ id: ID) async throws -> Item {
        try await store.transaction { store in
            let message = try await store.rows(.messages).require(id)
            guard message.values.text("direction") == "in" else {
                throw Failure(.conflict, "Only a message that came in can be marked as read.")
            }
            guard message["read_at"] == .null else { return message }
            return try await store.rows(.messages).update(id, Values(["status": "read"]))
        }
    }
}

extension Item {
    /// The status of a message.
    package var status: MessageStatus? { values.text("status").flatMap { MessageStatus(rawValue: $0) } }

    fileprivate var state: String { values.text("status") ?? "" }
}
