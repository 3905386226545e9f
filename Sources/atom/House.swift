import Automation
import Core
import Curl
import Foundation
import Integrations
import Jobs
import Logging
import NIOPosix
import Queue
import Redis
import SQL
import Scheduler
import ServiceLifecycle
import Store
import Work
import Worker

/// Opens the rooms a process needs, in order, and makes the services it runs.
struct House: Sendable {
    let settings: Settings
    let redis: Client
    let database: any Database
    let store: Store
    let tools: Tools
    let outbox: Outbox
    let announcer: Announcer
    let sweep: OutboxSweep
    let queueSettings: Queue.Settings
    let log: Logger

    /// Opens everything but a private Redis. The database is brought up to date; a newer one is refused.
    ///
    /// - Parameters:
    ///   - role: what this process is called in logs and in Redis' client list.
    ///   - endpoint: the Redis to use.
    static func open(_ settings: Settings, role: String, redis endpoint: Endpoint) async throws -> House {
        let log = settings.log("atom.\(role)")
        try FileManager.default.createDirectory(atPath: settings.home, withIntermediateDirectories: true)
        let database = try await Self.database(settings, log: log)
        do { _ = try await Store.migrator(database, log: log).up() } catch let fault as SQLFault {
            await database.close()
            throw Failure(.conflict, "The database cannot be used: \(fault.message).", cause: fault)
        }
        // One event loop carries all of a process' talk with Redis.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let redis = try Client(endpoint, group: group, name: "atom-\(role)", log: log)
        var queues = Queue.Settings()
        queues.lease = settings.lease
        queues.retention = settings.retention
        do { return try House(settings, redis, database, queues, log) } catch {
            await redis.close()
            await database.close()
            throw error
        }
    }

    private init(
        _ settings: Settings, _ redis: Client, _ database: any Database, _ queues: Queue.Settings,
        _ log: Logger
    ) throws {
        let store = Store(database)
        self.settings = settings
        self.redis = redis
        self.database = database
        self.store = store
        self.log = log
        queueSettings = queues
        let integrations = try settings.integrations(store, log: log)
        var tools = Tools(
            store: store, integrations: integrations, uploads: Uploads(folder: settings.uploads),
            masters: try settings.masters(), callbackSecret: settings.workspaceSecret)
        tools.publicURL = settings.publicURL
        self.tools = tools
        let queue: @Sendable (String) -> Queue = { Queue($0, on: redis, settings: queues) }
        outbox = Outbox(store, queue: queue, log: log)
        announcer = Announcer(store, queue: queue, log: log)
        sweep = OutboxSweep(outbox, store: store, log: log)
    }

    /// The database that the settings name: a file of our own when they name none.
    static func database(_ settings: Settings, log: Logger) async throws -> any Database {
        let url = settings.databaseURL ?? "sqlite://\(settings.absoluteHome)/atom.sqlite"
        do { return try await Databases.open(url, log: log) } catch let fault as SQLFault {
            throw Failure(
                .unavailable, "The database \(Databases.masked(url)) cannot be opened: \(fault.message).",
                cause: fault)
        }
    }

    /// The Redis that the settings name.
    static func endpoint(_ settings: Settings) throws -> Endpoint {
        guard let url = settings.redisURL else {
            throw Failure(
                .invalid, "REDIS_URL is missing. Set it, or run everything in one process with `atom up`.")
        }
        do { return try Endpoint(url) } catch let fault as Fault {
            throw Failure(.invalid, "REDIS_URL: \(fault)")
        }
    }

    func queue(_ name: String) -> Queue { Queue(name, on: redis, settings: queueSettings) }

    /// Every queue that ever held a job.
    @Sendable private func allQueues() async throws -> [Queue] {
        try await Queue.names(on: redis, prefix: queueSettings.prefix).map(queue)
    }

    /// Refuses a Redis that throws keys away when its memory is full: with it go jobs.
    ///
    /// - Parameter patience: how long Redis may be away; nil to go on without it.
    func checkRedis(patience: Duration?) async throws {
        let deadline = ContinuousClock.now + (patience ?? .zero)
        while true {
            do {
                let memory = try await redis.send(Command("INFO", "memory")).text ?? ""
                return try Self.judge(memory)
            } catch let fault as Fault {
                guard let patience else {
                    return log.warning("redis is away", metadata: ["error": "\(fault)"])
                }
                guard ContinuousClock.now < deadline else {
                    throw Failure(
                        .unavailable, "Redis at \(redis.endpoint) did not answer for \(patience): \(fault)",
                        cause: fault)
                }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private static func judge(_ memory: String) throws {
        let line = memory.split(whereSeparator: \.isNewline).first { $0.hasPrefix("maxmemory_policy:") }
        let policy = line?.split(separator: ":").last.map(String.init) ?? "noeviction"
        guard policy == "noeviction" else {
            throw Failure(
                .invalid,
                "Redis' maxmemory-policy is \(policy): when its memory is full it would throw jobs away. "
                    + "Set it with: redis-cli CONFIG SET maxmemory-policy noeviction (and in redis.conf).")
        }
    }

    /// The worker's services: what runs jobs, what falls due, what the outbox still holds.
    ///
    /// - Parameter replace: puts a fresh process in the place of a stuck one; nil where others share it.
    func workerServices(replace: (@Sendable () -> Void)? = nil) -> [any Service] {
        let queues = settings.queues.map { (queue: queue($0.name), weight: $0.weight) }
        var size = Worker<Tools>.Settings()
        size.concurrency = settings.concurrency
        size.drain = settings.drain
        size.replace = replace
        let runner = Runner(catalogue, tools: tools, log: log)
        let worker = Worker(runner, queues: queues, on: redis, settings: size, log: log)
        return [
            announcer, sweep,
            Sweeper(queues.map(\.queue), on: redis, names: catalogue.offers, log: log),
            Ticker(schedules, on: redis, log: log),
            SyncSweep(store, queue: queue(JobRequest.defaultQueue), log: log),
            LedgerSweep(store, queues: allQueues, log: log),
            DueSweep(store, queue: queue(JobRequest.defaultQueue), log: log),
            Intake(queues.map(\.queue), log: log, check: Self.check),
            Callbacks(queues.map(\.queue), log: log) { [secret = settings.workspaceSecret] _ in secret != nil
            },
            Quieting { [log] in
                log.notice("taking no more jobs")
                worker.quiet()
            },
            worker,
        ]
    }

    /// What a frame of a raw producer must be beside well formed. A job that this process does not know may
    /// be another's.
    @Sendable private static func check(_ name: String, _ arguments: JSON, _ workspace: String) throws {
        guard ID(workspace) != nil else {
            throw Failure(.invalid, "workspace must be the id of a workspace.", at: "/workspace")
        }
        guard catalogue.policy(name) != nil else { return }
        try catalogue.check(name, arguments: arguments)
    }

    func close() async {
        tools.integrations.close()
        await redis.close()
        await database.close()
    }
}
