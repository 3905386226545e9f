import Core
import Redis

extension Queue {
    /// Puts a dead job back on its list with all its attempts before it. False when it is not dead.
    public func retry(_ id: ID) async throws -> Bool {
        let touched =
            keys.ready + [
                keys.jobs, keys.dead, keys.graves, keys.tries, keys.wake, keys.sequence, keys.events,
                keys.stats,
            ]
        let reply = try await run(Scripts.retry, touched) {
            $0.append(id.text)
            $0.append(event_s)
        }
        return reply.integer == 1
    }
}
