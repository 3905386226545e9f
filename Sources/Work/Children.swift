import Core
import Queue

extension Context {
    /// The envelope of a job that this one asks for: it belongs to the same workspace, names this job as its
    /// parent, continues its trace and must end by the same deadline.
    ///
    /// - Parameter level: the parent's unless another is named.
    public func envelope<Kind: Job>(for job: Kind, level: Envelope.Level? = nil) throws -> Envelope {
        let parent = claim.envelope
        var envelope = try Envelope(job, workspace: workspace, level: level ?? parent.level)
        envelope.parent = parent.id
        envelope.trace = trace.text
        envelope.deadline = parent.deadline
        envelope.actor = parent.actor
        return envelope
    }

    /// Puts a job on the queue this one came from, as its child, and returns its id.
    ///
    /// An attempt that is repeated asks for it again. Throws `CancellationError` when the attempt lost its
    /// lease.
    @discardableResult
    public func enqueue(_ job: some Job, level: Envelope.Level? = nil) async throws -> ID {
        let child = try envelope(for: job, level: level)
        try await enqueue(child)
        return child.id
    }

    /// Puts a child on the queue this job came from; see `envelope(for:)`.
    public func enqueue(_ child: Envelope) async throws {
        if stop == .lost { throw CancellationError() }
        try await reporter.enqueue(child)
    }
}
