import Accounts
import Core
import Store
import Work

extension Call {
    /// Throws `forbidden` for a caller who may not have the job of that name started.
    ///
    /// Whoever names a job has done what it does, so their key needs the area that it changes as well. Every
    /// door that takes the name of a job asks here. What no job is called only keys for everything may name.
    func allow(job name: String) throws {
        guard let scopes = principal?.scopes else { throw Failure(.forbidden, "This needs an API key.") }
        let areas = ["jobs", office.house.jobs.area(name) ?? "*"]
        guard let lacking = areas.first(where: { !scopes.admit($0, writing: true) }) else { return }
        let word = lacking == "*" ? "write" : "\(lacking):write"
        throw Failure(
            .forbidden, "The scopes of this key do not allow to start \(name): it takes \(word) too.")
    }
}

extension JobRequest {
    /// The job that a caller asks for by its name.
    func order(askedBy call: Call, now: Moment = .now) throws -> Order {
        try call.allow(job: name)
        return try order(for: call, now: now)
    }

    /// The job, once every rule holds and the catalogue knows it. Who may have it is for the route to say.
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
