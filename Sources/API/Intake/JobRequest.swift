import Core
import Store
import Work

extension JobRequest {
    /// The job, once every rule holds and the catalogue knows it.
    func order(for call: Call, now: Moment = .now) throws -> Order {
        let jobs = call.office.house.jobs
        guard callbackURL == nil || jobs.takesCallbacks else {
            throw Failure(
                .invalid, "Nothing signs callbacks here. Set ATOM_CALLBACK_SECRET.", at: "/callback_url")
        }
        let order = try order(workspace: try call.workspace.text, now: now, check: jobs.check)
        var envelope = order.envelope
        envelope.actor = try call.actor
        envelope.trace = call.trace
        envelope.version = jobs.version(name)
        return Order(envelope: envelope, queue: order.queue)
    }
}

extension Order {
    func entry(_ workspace: ID) -> Store.Outbox.Entry {
        Store.Outbox.Entry(
            id: envelope.id, workspace: workspace, queue: queue, envelope: envelope.bytes,
            createdAt: envelope.created)
    }
}
