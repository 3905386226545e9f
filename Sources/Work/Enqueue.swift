import Core
import Foundation
import Queue

extension Envelope {
    /// The envelope of a job, its stored properties as the arguments. Throws what the job's encoding throws.
    public init<Kind: Job>(_ job: Kind, workspace: String = "", level: Level = .normal) throws {
        self.init(
            name: Kind.name, arguments: Array(try JSONEncoder().encode(job)), workspace: workspace,
            level: level)
        version = Kind.version
    }
}

extension Queue {
    /// Puts a job on the queue and returns its id.
    public func enqueue(
        _ job: some Job, workspace: String = "", level: Envelope.Level = .normal
    ) async throws -> ID {
        let envelope = try Envelope(job, workspace: workspace, level: level)
        try await enqueue([envelope])
        return envelope.id
    }
}
