import Core
import Foundation
import Logging
import Queue
import Redis
import Scheduler
import ServiceLifecycle
import TestHouse
import Testing
import Work

@testable import Worker

/// Queues of one test's own, and workers that run on them in this process.
struct Plant: Sendable {
    let endpoint: Endpoint
    let redis: Client
    let queues: [Queue]
    let notebook = Notebook()

    var queue: Queue { queues[0] }

    init(on server: RedisServer? = nil, queues count: Int = 1, lease: Duration = .seconds(10)) throws {
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        settings.lease = lease
        endpoint = try server?.endpoint ?? Endpoint(TestRedis.url)
        let redis = try Client(endpoint, name: settings.prefix, limits: Self.limits)
        self.redis = redis
        queues = (0..<count).map { Queue("q\($0)", on: redis, settings: settings) }
    }

    /// A plant on the queue that these settings describe, which may have held jobs before.
    init(_ settings: Queue.Settings) throws {
        endpoint = try Endpoint(TestRedis.url)
        let redis = try Client(endpoint, name: settings.prefix, limits: Self.limits)
        self.redis = redis
        queues = [Queue("q0", on: redis, settings: settings)]
    }

    /// Hundreds of tests begin at once; on a small machine even Redis answers late then.
    static var limits: Limits {
        var limits = Limits()
        (limits.connectPatience, limits.dialPatience) = (.seconds(30), .seconds(20))
        return limits
    }

    /// How a worker of the test is set.
    struct Settings {
        var weights: [Int] = [1]
        var worker = Worker<Notebook>.Settings()
        var jobs: [any Job<Notebook>.Type] = [Act.self]

        init(_ lanes: Int = 4, drain: Duration = .seconds(10), grace: Duration = .seconds(5)) {
            worker.concurrency = lanes
            worker.drain = drain
            worker.grace = grace
        }
    }

    /// Runs a worker and a sweeper, with connections of their own, around `body`; then stops them gracefully.
    func withWorker<Value: Sendable>(
        _ settings: Settings = Settings(), _ body: (Running) async throws -> Value
    ) async throws -> Value {
        let running = try Running(self, settings)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await running.group.run() }
            do {
                let value = try await body(running)
                await running.group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return value
            } catch {
                await running.group.triggerGracefulShutdown()
                throw error
            }
        }
    }

    /// A worker at work.
    struct Running: Sendable {
        let worker: Worker<Notebook>
        let group: ServiceGroup

        init(_ plant: Plant, _ settings: Settings) throws {
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let redis = try Client(plant.endpoint, name: plant.queue.settings.prefix, limits: Plant.limits)
            let queues = plant.queues.map { Queue($0.name, on: redis, settings: $0.settings) }
            let runner = Runner(Catalogue<Notebook>(settings.jobs), tools: plant.notebook, log: log)
            let weights = zip(queues, settings.weights + Array(repeating: 1, count: queues.count))
            worker = Worker(
                runner, queues: weights.map { ($0, $1) }, on: redis, settings: settings.worker, log: log)
            let sweeper = Sweeper(queues, on: redis, names: runner.catalogue.names, log: log)
            group = ServiceGroup(services: [sweeper, worker], logger: log)
        }
    }

    @discardableResult
    func add(_ what: Act.What, _ count: Int = 1, to queue: Int = 0, due: Moment? = nil) async throws -> [ID] {
        let arguments = try Envelope(Act(what: what)).arguments
        let envelopes = (0..<count).map { _ in Envelope(name: Act.name, arguments: arguments, due: due) }
        try await queues[queue].enqueue(envelopes)
        return envelopes.map(\.id)
    }

    func look(_ id: ID) async throws -> Sight? { try await queue.look([id]).first ?? nil }

    /// Claims as another worker would that then hangs or dies.
    func claim(_ count: Int) async throws -> [Claim] {
        var shift = Queue.Shift()
        shift.wanted = count
        return try await queue.work(shift).claims
    }

    /// Lets two workers die, one after the other, with so many jobs.
    @discardableResult
    func loseTwice(_ what: Act.What, _ count: Int) async throws -> [ID] {
        let ids = try await add(what, count)
        for _ in 0..<2 {
            #expect(try await claim(count).count == count)
            var found = 0
            try await until("their leases have run out") {
                found += try await queue.reclaim().jobs
                return found == count
            }
        }
        return ids
    }

    /// Waits until a job is in that state.
    func wait(for id: ID, _ state: State) async throws {
        try await until("job \(id) is \(state)") { try await look(id)?.state == state }
    }
}

/// Measures until it was fast enough once: a busy machine is slow now and then, a wrong design always.
func measure(below limit: Duration, _ what: () async throws -> Duration) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    var best = try await what()
    while best >= limit, ContinuousClock.now < deadline { best = min(best, try await what()) }
    #expect(best < limit)
}

/// Waits for a fact; gives up, with a test failure, when it does not come.
func until(
    _ what: String, within patience: Duration = .seconds(30), _ fact: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !fact() {
        guard ContinuousClock.now < deadline else {
            throw Failure(.broken, "It never came true that \(what).")
        }
        try await Task.sleep(for: .milliseconds(3))
    }
}
