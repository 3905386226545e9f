import Synchronization

/// Feels whether Swift's pool still has a free thread: asks for one, and tells how long it has been waiting.
final class Pulse: Sendable {
    private let asked = Mutex<ContinuousClock.Instant?>(nil)

    /// Asks for a thread unless an answer is awaited.
    func feel(at now: ContinuousClock.Instant) {
        let isWaiting = asked.withLock { asked in
            defer { asked = asked ?? now }
            return asked != nil
        }
        guard !isWaiting else { return }
        Task { self.asked.withLock { $0 = nil } }
    }

    /// How long no thread has answered.
    func silence(at now: ContinuousClock.Instant) -> Duration {
        asked.withLock { $0.map { now - $0 } } ?? .zero
    }
}
