import Core
import Redis

extension ScheduleBook {
    /// Moves a schedule from the turn of `entry` to a later one without a firing.
    ///
    /// - Parameter missed: how many firings are left out by that; they are counted.
    /// - Returns: false when it has had that turn already.
    public func pass(_ entry: Entry, to next: Moment?, missed: Int) async throws -> Bool {
        guard let turn = entry.next else { return false }
        let reply = try await run(
            Scripts.turn,
            [entry.id, String(turn.milliseconds), next.map { String($0.milliseconds) } ?? "", String(missed)])
        return reply.integer == 1
    }

    /// What makes a firing depend on the turn of `entry`: one that enqueues with it moves the turn in the
    /// same step, and whoever comes later finds it stale.
    package func ticket(_ entry: Entry, next: Moment?) -> Queue.Ticket? {
        entry.next.map { turn in
            .turn(key: key(.turns), member: entry.id, score: turn.milliseconds, next: next?.milliseconds)
        }
    }

    /// Remembers a firing, for people to look at; the oldest are forgotten.
    public func note(_ id: String, _ firing: JSON) async throws {
        let list = key(.fired) + id
        _ = try await send([
            Command("LPUSH", list, firing.text), Command("LTRIM", list, "0", String(Self.remembered - 1)),
            Command("EXPIRE", list, String(Self.memory_s)),
        ])
    }

    /// The last firings, the newest first, and how many were ever left out because they were too late.
    public func firings(_ id: String) async throws -> (last: [JSON], missed: Int64) {
        let replies = try await send([
            Command("LRANGE", key(.fired) + id, "0", "-1"), Command("HGET", key(.missed), id),
        ])
        let last = (replies[0].array ?? []).compactMap(\.text).compactMap {
            try? JSONParser.parse(Array($0.utf8))
        }
        return (last, replies[1].text.flatMap { Int64($0) } ?? 0)
    }
}
