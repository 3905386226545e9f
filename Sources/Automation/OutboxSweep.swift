import Core
import Logging
import ServiceLifecycle
import Store

/// Pushes, again and again, what was accepted and has not reached its queue, and lets old entries go.
package struct OutboxSweep: Service {
    /// An entry younger than this is still being pushed by whoever accepted it.
    package static let patience: Duration = .seconds(2)
    /// How often it looks.
    static let period: Duration = .seconds(2)
    /// Entries pushed in one go.
    static let batch = 500
    /// How long pushed entries are kept, to be looked up.
    static let memory: Duration = .seconds(86_400)

    private let outbox: Outbox
    private let store: Store
    private let log: Logger

    package init(_ outbox: Outbox, store: Store, log: Logger) {
        self.outbox = outbox
        self.store = store
        self.log = log
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            var pruned = ContinuousClock.now
            while !Task.isCancelled {
                do {
                    while try await outbox.sweep() == Self.batch {}
                    if ContinuousClock.now - pruned > .seconds(600) {
                        pruned = .now
                        let moment = Moment(microseconds: Moment.now.microseconds - Self.memory.microseconds)
                        _ = try await store.outbox.prune(before: moment)
                    }
                } catch {
                    log.warning("outbox sweep failed", metadata: ["error": "\(error)"])
                }
                // The jitter spreads the sweeps of many workers.
                do { try await Task.sleep(for: Self.period * Double.random(in: 0.7...1)) } catch { return }
            }
        }
    }
}
