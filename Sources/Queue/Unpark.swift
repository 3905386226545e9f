import Core
import Redis

extension Queue {
    /// Puts the parked jobs with one of these names back on their lists. Returns how many.
    public func unpark(_ names: [String]) async throws -> Int {
        var (cursor, count) = ("0", 0)
        repeat {
            let reply = try await run(Scripts.unpark) {
                $0.append(cursor)
                $0.append(event_s)
                for name in names { $0.append(name) }
            }
            cursor = reply.array?[0].text ?? "0"
            count += Int(reply.array?[1].integer ?? 0)
        } while cursor != "0"
        return count
    }
}
