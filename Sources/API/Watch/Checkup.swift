import Core
import Queue
import Scheduler
import Store
import Work

/// Looks whether each part that the house needs is there.
struct Checkup {
    /// What was found of one part.
    struct Part: Sendable {
        let name: String
        var isUp = true
        var isDegraded = false
        var details: [JSON.Member] = []

        func json(_ withDetails: Bool) -> JSON {
            let word = !isUp ? "down" : isDegraded ? "degraded" : "ok"
            return .object([.init("status", .string(word))] + (withDetails ? details : []))
        }

        /// The detail as a number; a flag is 1 or 0.
        func number(_ detail: String) -> Double? {
            let value = details.first { $0.name == detail }?.value
            return value?.bool.map { $0 ? 1 : 0 } ?? value?.double
        }

        static func down(_ name: String, _ error: any Error) -> Part {
            // The kind of an error is for everybody, its cause for the log.
            let message = (error as? Failure)?.message ?? "It does not answer."
            return Part(name: name, isUp: false, details: [.init("message", .string(message))])
        }
    }

    let office: Office

    init(_ office: Office) { self.office = office }

    /// Every part, looked at side by side.
    func all() async -> [Part] {
        async let needed = [redis(), database(), workers(), backlog()]
        async let others = [relay(), schedules(), announcements(), outbox(), limits()]
        return await [process] + needed + others
    }

    private var process: Part {
        let facts = ProcessFacts()
        return Part(
            name: "process",
            details: [
                .init("resident_bytes", JSON(facts.resident_bytes)), .init("cpu_seconds", JSON(facts.cpu_s)),
                .init("open_files", JSON(facts.openFiles)),
                .init("uptime_seconds", .double((Moment.now - office.began).seconds)),
            ])
    }

    func database() async -> Part {
        await look("database") { part in
            let began = ContinuousClock.now
            let pending = try await office.store.pendingMigrations()
            part.isDegraded = pending > 0
            part.details = [Self.latency(began), .init("pending_migrations", JSON(pending))]
        }
    }

    private func redis() async -> Part {
        await look("redis") { part in
            let began = ContinuousClock.now
            // A look runs a script, as every verb of the queue does.
            _ = try await office.queues[JobRequest.defaultQueue].look([ID()])
            let latency = Self.latency(began)
            let facts = try await RedisFacts(office.house.redis)
            part.isUp = facts.evictionPolicy == "noeviction"
            part.isDegraded =
                facts.share > Limits.memoryShare || !facts.hasAppendOnlyFile || !facts.isAppendOnlyFileSound
            part.details = [latency] + Self.show(facts)
        }
    }

    private static func show(_ facts: RedisFacts) -> [JSON.Member] {
        [
            .init("version", .string(facts.version)),
            .init("append_only_file", .bool(facts.hasAppendOnlyFile)),
            .init("append_only_file_sound", .bool(facts.isAppendOnlyFileSound)),
            .init("eviction_policy", .string(facts.evictionPolicy)),
            .init("evicts", .bool(facts.evictionPolicy != "noeviction")),
            .init("used_memory_bytes", .integer(facts.usedMemory)),
            .init("max_memory_bytes", .integer(facts.maxMemory)),
            .init("memory_share", .double(facts.share)),
        ]
    }

    /// Without a worker jobs are accepted but not done.
    private func workers() async -> Part {
        await look("workers") { part in
            let workers = try await office.queues.workers.list()
            part.isDegraded = workers.isEmpty
            part.details = [
                .init("count", JSON(workers.count)),
                .init("list", .array(workers.map { ["id": .string($0.id), "about": $0.about] })),
            ]
        }
    }

    private func backlog() async -> Part {
        await look("backlog") { part in
            let depths = try await office.depths()
            let oldest = depths.compactMap { $0.age_s(.now) }.max()
            part.details = [
                .init("waiting", JSON(depths.reduce(0) { $0 + $1.backlog })),
                .init("running", JSON(depths.reduce(0) { $0 + $1.running })),
                .init("dead", JSON(depths.reduce(0) { $0 + $1.dead })),
                .init("oldest_waiting_seconds", JSON(oldest)),
            ]
        }
    }

    func look(_ name: String, _ body: (inout Part) async throws -> Void) async -> Part {
        var part = Part(name: name)
        do { try await body(&part) } catch { return .down(name, error) }
        return part
    }

    private static func latency(_ began: ContinuousClock.Instant) -> JSON.Member {
        .init("latency_seconds", .double((ContinuousClock.now - began).seconds))
    }
}
