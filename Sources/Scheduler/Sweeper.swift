import Core
import Logging
import Queue
import Redis
import ServiceLifecycle

/// Does what falls due: moves scheduled jobs to their lists, takes back what dead workers held, finds parked
/// jobs.
///
/// Every worker process runs one and none leads; each step is a script that can run anywhere, any number of
/// times.
public struct Sweeper: Service {
    /// The longest it sleeps; a dead worker's job is found at most so long after its lease ran out.
    public static let period: Duration = .milliseconds(3_500)
    /// How often dead letters are trimmed, parked jobs offered to this worker's names, and due jobs looked
    /// for without being called: the token that calls may have died with the worker that took it.
    public static let tidyPeriod: Duration = .seconds(15)

    private let queues: [Queue]
    private let redis: Client
    private let names: [String]
    private let log: Logger

    /// - Parameter names: the jobs this process knows.
    public init(_ queues: [Queue], on redis: Client, names: [String], log: Logger) {
        self.queues = queues
        self.redis = redis
        self.names = names
        self.log = log
    }

    /// Runs until the surrounding group shuts down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await sweep() }
    }

    private func sweep() async throws {
        let blocker = redis.blocker()
        var tidied = ContinuousClock.now - Self.tidyPeriod
        var next: Duration? = .zero
        while !Task.isCancelled {
            do {
                let isTidying = ContinuousClock.now - tidied >= Self.tidyPeriod
                if isTidying { tidied = .now }
                let isPromoting = isTidying || next != nil
                let due = try await round(tidying: isTidying, promoting: isPromoting)
                if isPromoting { next = due }
                // The jitter spreads the sweeps of many workers.
                let pause = min(next ?? Self.period, Self.period * Double.random(in: 0.7...1))
                let isCalled = try await Queue.awaitAlarm(
                    in: queues, on: blocker, for: max(pause, .milliseconds(1)))
                if isCalled { next = .zero }
            } catch {
                if Task.isCancelled { break }
                log.debug("sweep failed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(Int64.random(in: 200..<800)))
                next = .zero
            }
        }
        await blocker.close()
        // The others do not know what falls due next; this one did.
        for queue in queues { try? await queue.passAlarmOn() }
    }

    /// Looks after every queue; the time until the next job falls due. Trouble with one keeps no other
    /// waiting.
    private func round(tidying: Bool, promoting: Bool) async throws -> Duration? {
        var (next, trouble): (Duration?, (any Error)?) = (nil, nil)
        for queue in queues {
            do {
                try await reclaim(queue, tidying: tidying)
                if promoting, let due = try await promote(queue) { next = min(next ?? due, due) }
            } catch {
                trouble = trouble ?? error
            }
        }
        if let trouble { throw trouble }
        return next
    }

    /// Moves all that is due; the time until more will be.
    private func promote(_ queue: Queue) async throws -> Duration? {
        while true {
            let (moved, next) = try await queue.promote()
            if moved < Queue.batchLimit { return next }
        }
    }

    /// Takes back all that is lost.
    private func reclaim(_ queue: Queue, tidying: Bool) async throws {
        while true {
            let found = try await queue.reclaim(tidying: tidying)
            if found.parked > 0 { _ = try await queue.unpark(names) }
            if found.jobs > 0 {
                log.notice(
                    "took back jobs of a dead worker",
                    metadata: ["queue": "\(queue.name)", "jobs": "\(found.jobs)", "dead": "\(found.deaths)"])
            }
            if !found.hasMore { return }
        }
    }
}
