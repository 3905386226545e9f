import Core
import Redis

extension Queue {
    /// Lets the dead jobs among these go for good.
    ///
    /// They go in steps of `batchLimit`; after an error some may have gone, and the same call takes the rest.
    /// - Returns: how many went.
    public func discard(_ ids: [ID]) async throws -> Int {
        try await inSteps(ids) { try await run(Scripts.discard, $0) }
    }

    /// Lets the dead jobs that pass go for good; the number that went.
    public func delete(matching filter: DeadFilter) async throws -> Int {
        try await discard(try await dead(matching: filter))
    }

    /// Runs a script on so many ids at a time as one call takes, and adds up what it answers.
    func inSteps(
        _ ids: [ID], _ call: (_ arguments: (inout Command) -> Void) async throws -> Reply
    ) async throws -> Int {
        var total = 0
        for first in stride(from: 0, to: ids.count, by: Self.batchLimit) {
            let reply = try await call { command in
                command.append(event_s)
                for id in ids[first...].prefix(Self.batchLimit) { command.append(id.text) }
            }
            total += Int(reply.integer ?? 0)
        }
        return total
    }
}
