import Core
import Redis

extension ScheduleBook {
    /// How many schedules have not fired though their turn came before `moment`, and when the first of them
    /// should have.
    package func overdue(before moment: Moment) async throws -> (count: Int, oldest: Moment?) {
        let end = "(\(moment.milliseconds)"
        let replies = try await send([
            Command("ZCOUNT", key(.turns), "-inf", end),
            Command("ZRANGEBYSCORE", key(.turns), "-inf", end, "WITHSCORES", "LIMIT", "0", "1"),
        ])
        let score = replies[1].array?.last?.text.flatMap { Double($0) }
        return (Int(replies[0].integer ?? 0), score.map { Moment(milliseconds: Int64($0)) })
    }
}

extension Rules {
    /// The keys with a limit of their own whose breakers are open. What a family's keys do is not looked at.
    package func openBreakers() async throws -> [String] {
        let keys = try await limits().filter { $0.value.breaker != nil && !$0.key.hasSuffix(":*") }.keys
            .sorted()
        guard !keys.isEmpty else { return [] }
        let breaker = queue.keys[.breaker]
        let replies = try await translating {
            try await queue.redis.pipeline(keys.map { Command("HGET", breaker + $0, "till") })
        }
        let now = Moment.now.milliseconds
        return zip(keys, replies).filter { Double($1.text ?? "").map { Int64($0) > now } ?? false }.map(\.0)
    }
}
