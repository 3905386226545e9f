import Core
import Logging
import Queue
import ServiceLifecycle
import Store

/// Gives the queue again what rows wait for and it has lost: a Redis that was emptied, or brought back from
/// an old copy, forgets jobs that are promised for later, and the rows remember them.
///
/// A job keeps its id, so that one which the queue still knows is left as it is.
package struct DueSweep: Service {
    /// How often it looks.
    static let period: Duration = .seconds(15)
    /// How long a job is due before it is missed.
    package static let patience: Duration = .seconds(10)
    /// Jobs looked up in one go.
    package static let batch = Queue.lookLimit

    private let store: Store
    private let queue: Queue
    private let log: Logger

    package init(_ store: Store, queue: Queue, log: Logger) {
        (self.store, self.queue, self.log) = (store, queue, log)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = await sweep()
                // The jitter spreads the looks of many processes.
                do { try await Task.sleep(for: Self.period * Double.random(in: 0.7...1)) } catch { return }
            }
        }
    }

    /// Enqueues what was due some seconds before `now` and the queue does not know, and says how many that
    /// were. What cannot be looked at now holds up nothing else.
    package func sweep(at now: Moment = .now) async -> Int {
        let moment = now - Self.patience
        var count = 0
        for timer in Store.Timer.all {
            do { count += try await sweep(timer, before: moment) } catch {
                log.warning("due jobs not swept", metadata: ["job": "\(timer.job)", "error": "\(error)"])
            }
        }
        if count > 0 { log.notice("jobs given to the queue again", metadata: ["count": "\(count)"]) }
        return count
    }

    private func sweep(_ timer: Store.Timer, before moment: Moment) async throws -> Int {
        var (count, jobs) = (0, [Store.DueJob]())
        repeat {
            jobs = try await store.jobsDue(of: timer, before: moment, after: jobs.last, limit: Self.batch)
            count += try await restore(jobs)
        } while jobs.count == Self.batch
        return count
    }

    private func restore(_ jobs: [Store.DueJob]) async throws -> Int {
        guard !jobs.isEmpty else { return 0 }
        let known = try await queue.look(jobs.map(\.id))
        var count = 0
        for (job, sight) in zip(jobs, known) where sight == nil {
            try await queue.register()
            let envelope = Envelope(
                id: job.id, name: job.name, arguments: job.arguments.bytes, workspace: job.workspace.text)
            if case .accepted = try await queue.admit(envelope) { count += 1 }
        }
        return count
    }
}
