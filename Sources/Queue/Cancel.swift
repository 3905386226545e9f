import Core
import Redis

extension Queue {
    /// What a cancel came to.
    public enum Cancellation: String, Sendable {
        /// There is no such job, or it has ended.
        case missing
        /// It is a dead letter and will not run anyway.
        case dead
        /// It runs; its worker has been asked to stop it.
        case running
        /// It will not run.
        case cancelled
    }

    /// Cancels a job: at once when it waits, cooperatively when it runs.
    public func cancel(_ id: ID, reason: String) async throws -> Cancellation {
        let reply = try await run(Scripts.cancel) {
            $0.append(id.text)
            $0.append(JSON.string(reason).bytes)
            $0.append(retention_s)
            $0.append(event_s)
        }
        guard let answer = reply.text.flatMap(Cancellation.init) else {
            throw Failure(.broken, "The cancel script answered what it never should.")
        }
        return answer
    }
}
