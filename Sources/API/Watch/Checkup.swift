import Core
import Queue
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

        static func down(_ name: String, _ error: any Error) -> Part {
            // The kind of an error is for everybody, its cause for the log.
            let message = (error as? Failure)?.message ?? "It does not answer."
            return Part(name: name, isUp: false, details: [.init("message", .string(message))])
        }
    }

    private let office: Office

    init(_ office: Office) { self.office = office }

    /// Every part, looked at side by side.
    func all() async -> [Part] {
        async let redis = redis()
        async let database = database()
        async let workers = workers()
        async let backlog = backlog()
        return await [process, redis, database, workers, backlog]
    }

    private var process: Part {
        let facts = ProcessFacts()
        return Part(
            name: "process",
            details: [
                .init("resident_bytes", JSON(facts.resident_bytes)), .init("cpu_seconds", JSON(facts.cpu_s)),
            ])
    }

    func database() async -> Part {
        do {
            let began = ContinuousClock.now
            _ = try await office.store.workspaces.list(limit: 1)
            return Part(name: "database", details: [Self.latency(began)])
        } catch { return .down("database", error) }
    }

    private func redis() async -> Part {
        do {
            let began = ContinuousClock.now
            // A look runs a script, as every verb of the queue does.
            _ = try await office.queues[JobRequest.defaultQueue].look([ID()])
            let latency = Self.latency(began)
            let facts = try await RedisFacts(office.house.redis)
            return Part(
                name: "redis", isUp: facts.evictionPolicy == "noeviction",
                isDegraded: facts.share > Limits.memoryShare || !facts.hasAppendOnlyFile,
                details: [latency] + Self.show(facts))
        } catch { return .down("redis", error) }
    }

    private static func show(_ facts: RedisFacts) -> [JSON.Member] {
        [
            .init("version", .string(facts.version)),
            .init("append_only_file", .bool(facts.hasAppendOnlyFile)),
            .init("eviction_policy", .string(facts.evictionPolicy)),
            .init("used_memory_bytes", .integer(facts.usedMemory)),
            .init("max_memory_bytes", .integer(facts.maxMemory)),
        ]
    }

    /// Without a worker jobs are accepted but not done.
    private func workers() async -> Part {
        do {
            let workers = try await office.queues.workers.list()
            return Part(
                name: "workers", isDegraded: workers.isEmpty,
                details: [
                    .init("count", JSON(workers.count)),
                    .init("list", .array(workers.map { ["id": .string($0.id), "about": $0.about] })),
                ])
        } catch { return .down("workers", error) }
    }

    private func backlog() async -> Part {
        do {
            let depths = try await office.depths()
            let oldest = depths.compactMap { $0.age_s(.now) }.max()
            return Part(
                name: "backlog",
                details: [
                    .init("waiting", JSON(depths.reduce(0) { $0 + $1.backlog })),
                    .init("oldest_waiting_seconds", JSON(oldest)),
                ])
        } catch { return .down("backlog", error) }
    }

    private static func latency(_ began: ContinuousClock.Instant) -> JSON.Member {
        .init("latency_seconds", .double((ContinuousClock.now - began).seconds))
    }
}
