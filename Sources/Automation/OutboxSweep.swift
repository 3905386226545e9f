import Core
import Logging
import ServiceLifecycle
import Store

/// Pushes, again and again, what was accepted and has not reached its queue, and lets go of rows that are
/// kept for a time only.
package struct OutboxSweep: Service {
    /// An entry younger than this is still being pushed by whoever accepted it.
    package static let patience: Duration = .seconds(2)
    /// How often it looks.
    static let period: Duration = .seconds(2)
    /// Entries pushed in one go.
    static let batch = 500
    /// How long pushed entries are kept, to be looked up.
    static let memory: Duration = .seconds(86_400)
    /// How long the letters of the sandbox are kept.
    static let sandboxMemory: Duration = .seconds(30 * 86_400)

    private let outbox: Outbox
    private let store: Store
    private let log: Logger
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    package init(_ outbox: Outbox, store: Store, log: Logger) {
        self.outbox = outbox
        self.store = store
        self.log = log
        // However often it is woken meanwhile, one look suffices.
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A row was committed with a job, which is pushed at once instead of at the next look.
    package func wake() { bell.yield() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await sweepNowAndThen() }
                group.addTask {
                    for await _ in bells { await sweep(olderThan: .zero) }
                }
                await group.waitForAll()
            }
        }
    }

    private func sweepNowAndThen() async {
        var pruned = ContinuousClock.now
        while !Task.isCancelled {
            await sweep(olderThan: Self.patience)
            if ContinuousClock.now - pruned > .seconds(600) {
                pruned = .now
                await prune()
            }
            // The jitter spreads the sweeps of many processes.
            do { try await Task.sleep(for: Self.period * Double.random(in: 0.7...1)) } catch { return }
        }
    }

    private func sweep(olderThan age: Duration) async {
        do {
            while try await outbox.sweep(olderThan: age) == Self.batch {}
        } catch {
            log.warning("outbox sweep failed", metadata: ["error": "\(error)"])
        }
    }

    /// Lets go of entries that were pushed, of answers that are no longer repeated, and of letters of the
    /// sandbox.
    func prune(at now: Moment = .now) async {
        do {
            _ = try await store.outbox.prune(before: now - Self.memory)
            _ = try await store.idempotency.prune(at: now)
            _ = try await store.sandbox.prune(before: now - Self.sandboxMemory)
        } catch {
            log.warning("old rows not let go of", metadata: ["error": "\(error)"])
        }
    }
}
