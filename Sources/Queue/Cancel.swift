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

    /// Lists longer than this keep a cancelled id until it is claimed and found empty; searching them costs
    /// more.
    static let searchedLength: Int64 = 1_000

    /// Cancels a job: at once when it waits, cooperatively when it runs.
    public func cancel(_ id: ID, reason: String) async throws -> Cancellation {
        let touched =
            keys.ready + [
                keys.suspects, keys.jobs, keys.leases, keys.later, keys.parked, keys.dead, keys.control,
                keys.tries,
                keys.crashes, keys.errors, keys.progress, keys.holders, keys.cancels, keys.sequence,
                keys.events,
                keys.stats, keys.ended(id),
            ]
        let reply = try await run(Scripts.cancel, touched) {
            $0.append(id.text)
            $0.append(JSON.string(reason).bytes)
            $0.append(retention_s)
            $0.append(event_s)
            $0.append(Self.searchedLength)
        }
        guard let answer = reply.text.flatMap(Cancellation.init) else {
            throw Failure(.broken, "The cancel script answered what it never should.")
        }
        return answer
    }
}
