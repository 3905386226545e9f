import Core
import Logging
import Queue
import Store

/// Accepts jobs so that they cannot be lost: first into the database, with the row they belong to, then to
/// Redis.
package struct Outbox: Sendable {
    private let store: Store
    private let queue: @Sendable (String) -> Queue
    private let log: Logger

    /// - Parameter queue: the queue of a name.
    package init(_ store: Store, queue: @escaping @Sendable (String) -> Queue, log: Logger) {
        self.store = store
        self.queue = queue
        self.log = log
    }

    /// Accepts a job together with what `body` writes, all or nothing, and pushes it to its queue.
    ///
    /// When the push fails the job is accepted all the same; a sweep pushes it later.
    package func accept<Value: Sendable>(
        _ envelope: Envelope, to queue: String,
        with body: @Sendable (Store) async throws -> Value = { _ in () }
    ) async throws -> Value {
        guard let workspace = ID(envelope.workspace) else {
            throw Failure(.broken, "A job of the outbox needs a workspace.")
        }
        let entry = Store.Outbox.Entry(
            id: envelope.id, workspace: workspace, queue: queue, envelope: envelope.bytes)
        let value = try await store.transaction { store in
            let value = try await body(store)
            try await store.outbox.add(entry)
            return value
        }
        await push([entry])
        return value
    }

    /// Pushes entries to their queues; the number that arrived. Pushing one twice is harmless.
    @discardableResult
    package func push(_ entries: [Store.Outbox.Entry]) async -> Int {
        var (pushed, failed): ([ID], [ID]) = ([], [])
        for entry in entries {
            do {
                let queue = queue(entry.queue)
                try await queue.register()
                _ = try await queue.admit(try Envelope(entry.envelope))
                pushed.append(entry.id)
            } catch {
                failed.append(entry.id)
                log.debug("outbox entry not pushed", metadata: ["job": "\(entry.id)", "error": "\(error)"])
                // Redis is most likely away, so the others would only wait in vain.
                break
            }
        }
        do {
            try await store.outbox.markPushed(pushed)
            try await store.outbox.markFailed(failed)
        } catch { log.warning("outbox not marked", metadata: ["error": "\(error)"]) }
        return pushed.count
    }

    /// Pushes what was accepted a moment ago and has not arrived; the number that did now.
    package func sweep(olderThan age: Duration = OutboxSweep.patience) async throws -> Int {
        let entries = try await store.outbox.unpushed(before: .now - age, limit: OutboxSweep.batch)
        return entries.isEmpty ? 0 : await push(entries)
    }
}
