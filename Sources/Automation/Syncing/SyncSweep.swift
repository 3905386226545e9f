import Core
import Logging
import Queue
import ServiceLifecycle
import Store

/// Has the rows of every connection brought here again, some minutes after the last time.
package struct SyncSweep: Service {
    /// How often it looks, and how long after its last reading a connection is read again.
    package static let period: Duration = .seconds(300)
    /// Connections that one look takes at most; the others come with the next.
    static let batch = 500

    private let store: Store
    private let queue: Queue
    private let log: Logger

    package init(_ store: Store, queue: Queue, log: Logger) {
        (self.store, self.queue, self.log) = (store, queue, log)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // The jitter spreads the looks of many processes.
                let pause = Self.period * Double.random(in: 0.8...1)
                do { try await Task.sleep(for: pause) } catch { return }
                do { _ = try await sweep() } catch {
                    log.warning("connections not swept", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Enqueues what is due at `now`, and says how many that were.
    package func sweep(at now: Moment = .now) async throws -> Int {
        let moment = now - Self.period * 0.75
        let due = try await store.connectionsDue(
            of: Syncs.all.keys.sorted(), since: moment, limit: Self.batch)
        guard !due.isEmpty else { return 0 }
        try await queue.register()
        for connection in due {
            _ = try await queue.admit(
                SyncOrder.envelope(
                    connection.id, of: connection.provider, in: connection.workspace))
        }
        return due.count
    }
}
