import Core
import Queue
import Store

/// Where a job of this workspace was found.
enum FoundJob: Sendable {
    case queued(Sight, Queue)
    /// In the outbox, on its way to its queue.
    case promised(Store.Outbox.Entry)
}

extension Call {
    /// The job named in the path, in the queue of `?queue=` or in any.
    ///
    /// Throws `.missing`, also for a job of another workspace.
    func job() async throws -> FoundJob {
        let (id, workspace) = (try id(of: "job"), try workspace)
        do {
            if let found = try await search(id, in: queueNames()) { return found }
        } catch let failure as Failure where failure.kind == .unavailable {
            // While Redis is away, the database still knows what it promised.
            guard let entry = try await store.outbox.find(workspace, id) else { throw failure }
            return .promised(entry)
        }
        guard let entry = try await store.outbox.find(workspace, id) else {
            throw Failure(.missing, "There is no such job.")
        }
        return .promised(entry)
    }

    /// The queue of `?queue=`, or all of them.
    func queueNames() async throws -> [String] {
        let wanted = try query("queue", "the name of a queue") { Queue.isName($0) ? $0 : nil }
        if let wanted { return [wanted] }
        return try await office.queues.names()
    }

    private func search(_ id: ID, in names: [String]) async throws -> FoundJob? {
        let workspace = try self.workspace
        for name in names {
            let queue = office.queues[name]
            guard let sight = try await queue.look([id]).first ?? nil else { continue }
            guard sight.envelope.workspace == workspace.text else { return nil }
            return .queued(sight, queue)
        }
        return nil
    }

    /// The job in its queue; one that is still on its way there is brought there first.
    func queuedJob() async throws -> (sight: Sight, queue: Queue) {
        switch try await job() {
        case .queued(let sight, let queue): return (sight, queue)
        case .promised(let entry):
            let queue = try await office.queues.open(entry.queue)
            _ = try await queue.admit(try Envelope(entry.envelope))
            guard let sight = try await queue.look([entry.id]).first ?? nil else {
                throw Failure(.missing, "There is no such job.")
            }
            return (sight, queue)
        }
    }
}
