import Core
import Redis

extension ScheduleBook {
    /// What a look at the turns found.
    public struct Due: Sendable {
        /// The time by Redis' clock.
        public let now: Moment
        /// The time until the next turn after those found; nil when there is none.
        public let wait: Duration?
        /// The schedules whose turn has come, each with its nominal time, the oldest first.
        public let entries: [Entry]
        /// The ids of schedules whose turn has come and that cannot be read.
        public let damaged: [String]
    }

    /// The schedules whose turn has come.
    public func due(most: Int = 100) async throws -> Due {
        let parts = try await run(Scripts.due, [String(most)]).array ?? []
        guard parts.count >= 2, let now = parts[0].integer, let wait = parts[1].integer else {
            throw Failure(.broken, "The script of what is due answered what it never should.")
        }
        var (entries, damaged): ([Entry], [String]) = ([], [])
        for at in stride(from: 2, to: parts.count - 2, by: 3) {
            let id = parts[at].text ?? ""
            do {
                entries.append(try Self.entry(id, parts[at + 2].text ?? "", next: parts[at + 1].text))
            } catch {
                damaged.append(id)
            }
        }
        return Due(
            now: Moment(milliseconds: now), wait: wait < 0 ? nil : .milliseconds(wait), entries: entries,
            damaged: damaged)
    }

    /// Waits until a turn was set that is earlier than all others, at most for `patience`; true when one was.
    package func awaitAlarm(on blocker: Blocker, for patience: Duration) async throws -> Bool {
        let reply = try await translating {
            try await blocker.block(Command("BLPOP", key(.alarm)), for: patience)
        }
        if reply == nil { try Task.checkCancellation() }
        return reply != nil
    }

    /// Wakes another ticker, when this one stops and knew of the next turn.
    package func passAlarmOn() async throws {
        _ = try await send([Command("LPUSH", key(.alarm), "1"), Command("LTRIM", key(.alarm), "0", "0")])
    }
}
