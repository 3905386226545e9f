import Core
import Foundation
import Logging
import Queue
import Redis
import ServiceLifecycle
import Synchronization
import Work

/// A worker process: takes jobs from its queues, runs them, and stops without losing one.
///
/// On graceful shutdown it claims nothing more, waits for what runs, and gives back to the front of the queue
/// what does not end within the drain; no attempt is spent on those.
public final class Worker<Tools: Sendable>: Service {
    /// How much a worker does at a time and how long it may take to stop.
    public struct Settings: Sendable {
        /// Jobs running at the same time.
        public var concurrency = 32
        /// How long running jobs may take to end after the stop was asked for.
        public var drain: Duration = .seconds(25)
        /// How long a job that was told to stop may still take before its place is given to another.
        public var grace: Duration = .seconds(5)
        /// How long a job whose place was given to another may still run before the worker counts as stuck.
        public var patience: Duration = .seconds(10)
        /// Replaces a stuck process by a fresh one, once its other jobs have ended; it should not return (see
        /// `Replacement.run`). It is called on the event loop. Without it a stuck worker only says so.
        public var replace: (@Sendable () -> Void)?

        public init() {}
    }

    public let id: String
    private let queues: [Queue]
    private let redis: Client
    private let settings: Settings
    private let log: Logger
    private let desk: Desk
    private let lanes: Lanes<Tools>
    private let engine: Engine
    private let watch: Watch<Tools>
    private let started = Moment.now
    private let offers: [String]
    private let executor: LoopExecutor

    /// - Parameters:
    ///   - queues: each with its weight, the share of this worker it gets while all have jobs.
    ///   - redis: the connection; the worker's loop lives on its event loop.
    public init(
        _ runner: Runner<Tools>, queues: [(queue: Queue, weight: Int)], on redis: Client,
        settings: Settings = Settings(), log: Logger
    ) {
        // A name of its own for each start: a worker that comes back is another one than the one that died.
        let process = ProcessInfo.processInfo
        id = "\(process.hostName):\(process.processIdentifier):\(ID().text.suffix(6))"
        self.queues = queues.map(\.queue)
        self.redis = redis
        self.settings = settings
        self.log = log
        offers = runner.catalogue.offers
        executor = LoopExecutor(redis.eventLoop)
        desk = Desk(worker: id, lanes: settings.concurrency, weights: queues.map { max(1, $0.weight) })
        lanes = Lanes(desk: desk, queues: self.queues, runner: runner)
        engine = Engine(desk: desk, queues: self.queues, redis: redis, log: log)
        watch = Watch(
            desk: desk, lanes: lanes, queues: self.queues, runner: runner, grace: settings.grace,
            loop: redis.eventLoop, log: log)
    }

    /// Claims nothing more; what runs goes on.
    public func quiet() { desk.with { $0.quiet() } }

    /// Runs until the surrounding group shuts down gracefully or the task is cancelled.
    public func run() async throws {
        for _ in 0..<settings.concurrency { lanes.open() }
        try await withThrowingTaskGroup { group in
            // None of these may need a thread of the pool: jobs can hold them all.
            group.addTask(executorPreference: executor) { await self.engine.run() }
            group.addTask(executorPreference: executor) {
                await Waker(desk: self.desk, queues: self.queues, redis: self.redis, log: self.log).run()
            }
            group.addTask(executorPreference: executor) {
                await self.watch.run(Relief(self.settings, self.watch) { await self.leave() })
            }
            group.addTask(executorPreference: executor) { await self.listen() }
            group.addTask(executorPreference: executor) { await self.beat() }
            await Self.untilStop()
            await drain()
            desk.close()
            group.cancelAll()
            try await group.waitForAll()
        }
        await lanes.finish()
        await leave()
    }

    private func leave() async {
        do {
            try await Workers(on: redis, prefix: queues[0].settings.prefix).leave(id)
        } catch {
            log.debug("the book of workers keeps this one until it expires", metadata: ["error": "\(error)"])
        }
    }

    private static func untilStop() async {
        try? await gracefulShutdown()
    }

    /// Lets what runs end, and gives back the rest.
    private func drain() async {
        desk.with {
            $0.quiet()
            $0.release(worker: id)
        }
        if await isEmptied(within: settings.drain) { return }
        for running in desk.with({ Array($0.running.values) }) {
            watch.stop(running.job.claim.delivery, .drained)
        }
        if await isEmptied(within: .seconds(1)) { return }
        for (lane, running) in desk.with({ $0.running }) { watch.abandon(lane, running) }
        if await isEmptied(within: .seconds(5)) { return }
        log.error("stopped with outcomes unsent", metadata: ["jobs": "\(desk.with { $0.settledCount })"])
    }

    /// True once nothing waits, runs or is unsent.
    private func isEmptied(within time: Duration) async -> Bool {
        let deadline = ContinuousClock.now + time
        while !desk.with({ $0.isEmpty }) {
            guard ContinuousClock.now < deadline else { return false }
            // A cancelled task cannot sleep; then the drain spins in small yields until its deadline.
            do { try await Task.sleep(for: .milliseconds(10)) } catch { await Task.yield() }
        }
        return true
    }

    /// Hears at once when a job that runs here is cancelled.
    private func listen() async {
        let queues = queues
        for await event in redis.subscribe(queues.map(\.controlChannel)) {
            guard case .message(_, let payload) = event, let request = Queue.cancelRequest(payload) else {
                continue
            }
            watch.stop(request.delivery, .cancelled(request.reason))
        }
    }

    /// Says every few seconds that this worker lives, and what it does.
    private func beat() async {
        let workers = Workers(on: redis, prefix: queues[0].settings.prefix)
        while !Task.isCancelled {
            do {
                for queue in queues { try await queue.register() }
                try await workers.beat(id, about: about)
            } catch {
                log.debug("heartbeat failed", metadata: ["error": "\(error)"])
            }
            await redis.eventLoop.pause(for: Workers.patience / 3)
        }
    }

    private var about: JSON {
        let running = desk.with { $0.running.count }
        return [
            "queues": .array(queues.map { .string($0.name) }),
            "concurrency": .integer(Int64(settings.concurrency)),
            "running": .integer(Int64(running)), "started_at": .string(started.text),
            "jobs": .array(offers.map(JSON.string)),
        ]
    }
}
