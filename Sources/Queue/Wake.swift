import Core
import Redis

extension Queue {
    /// Waits until one of the queues may have work, at most for `patience`.
    ///
    /// - Parameters:
    ///   - queues: all on one Redis.
    ///   - open: the indices of those to listen to.
    /// - Returns: the index of the queue that has work; nil when the time passed.
    package static func awaitWork(
        in queues: [Queue], _ open: [Int], on blocker: Blocker, for patience: Duration
    ) async throws -> Int? {
        let names = open.map { queues[$0].keys.wake }
        guard let name = try await first(of: names, on: blocker, for: patience) else { return nil }
        return names.firstIndex(of: name).map { open[$0] }
    }

    /// Waits until one of the queues has an earlier due time than it had, at most for `patience`; true when
    /// one has.
    package static func awaitAlarm(
        in queues: [Queue], on blocker: Blocker, for patience: Duration
    ) async throws -> Bool {
        try await first(of: queues.map(\.keys.alarm), on: blocker, for: patience) != nil
    }

    /// Gives a token back that came while this worker was full, so that another takes it.
    package func passOn() async throws {
        _ = try await translating {
            try await redis.pipeline([
                Command("LPUSH", keys.wake, "1"), Command("LTRIM", keys.wake, "0", "0"),
            ])
        }
    }

    /// Gives a token to the next sweeper when this one stops.
    package func passAlarmOn() async throws {
        _ = try await translating {
            try await redis.pipeline([
                Command("LPUSH", keys.alarm, "1"), Command("LTRIM", keys.alarm, "0", "0"),
            ])
        }
    }

    private static func first(
        of names: [String], on blocker: Blocker, for patience: Duration
    ) async throws
        -> String?
    {
        var command = Command("BLPOP")
        for name in names { command.append(name) }
        let reply = try await translating { try await blocker.block(command, for: patience) }
        // A token taken just before the cancel is not lost: it is for the caller to pass on.
        if reply == nil { try Task.checkCancellation() }
        return reply?.array?.first?.text
    }
}
