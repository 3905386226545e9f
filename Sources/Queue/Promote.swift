import Core
import Redis

extension Queue {
    /// Moves up to `batchLimit` jobs that have fallen due to their lists.
    ///
    /// - Returns: how many were moved, and the time until the next one is due, nil when none waits.
    public func promote() async throws -> (moved: Int, next: Duration?) {
        let reply = try await run(Scripts.promote) {
            $0.append(Int64(Self.batchLimit))
            $0.append(event_s)
        }
        let next = reply.array?[1].integer ?? -1
        return (Int(reply.array?[0].integer ?? 0), next < 0 ? nil : .milliseconds(next))
    }
}
