import Core
import Redis
import Synchronization

/// Keeps new jobs out of a Redis that is nearly full, so that what is there can be worked off.
final class Pressure: Sendable {
    private struct State {
        var share = 0.0
        var next = ContinuousClock.now
    }

    private static let period: Duration = .seconds(1)
    private static let pause: Duration = .seconds(5)

    private let redis: Client
    private let state = Mutex(State())

    init(_ redis: Client) { self.redis = redis }

    /// Throws `.unavailable` above `Limits.memoryShare`, and when Redis is away. Asks it once a second.
    func check() async throws {
        let isDue = state.withLock { state in
            guard state.next <= .now else { return false }
            state.next = .now + Self.period
            return true
        }
        if isDue {
            let share = try await RedisFacts(redis).share
            state.withLock { $0.share = share }
        }
        let share = state.withLock(\.share)
        guard share > Limits.memoryShare else { return }
        throw Failure(
            .unavailable,
            "Redis has used \(Int(share * 100)) % of its memory and takes no new jobs until the backlog has "
                + "shrunk. Send durable: true to have the job kept in the database meanwhile.",
            retryAfter: Self.pause)
    }
}
