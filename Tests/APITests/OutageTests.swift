import Automation
import Core
import Queue
import Redis
import Synchronization
import TestHouse
import Testing

@testable import API

@Suite struct `While Redis is` {
    @Test func `down, a job is refused with 503 unless it is durable, and then it arrives later`()
        async throws
    {
        let server = try await RedisServer("--appendonly", "yes")
        try await Running.with(redis: server) { house in
            server.kill()
            let refused = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            #expect(refused.status == 503)
            #expect(refused["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            let kept = try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true])
            #expect(kept.status == 202)
            #expect(kept.json["acceptance"]?.string == "durable")
            let id = try #require(kept.json["id"]?.string)
            let shown = try await house.get("/api/jobs/\(id)")
            #expect(shown.status == 200)
            #expect(shown.json["state"]?.string == "waiting")
            #expect(shown.json["acceptance"]?.string == "durable")
            try await server.restart()
            try await eventually { try await house.outbox.sweep(olderThan: .zero) == 1 }
            #expect(try await house.get("/api/jobs/\(id)").json["acceptance"] == nil)
            #expect(try await house.queue().depths().backlog == 1)
        }
    }

    @Test func `down, lists and health say so`() async throws {
        let server = try await RedisServer()
        try await Running.with(redis: server) { house in
            server.kill()
            #expect(try await house.get("/api/jobs").status == 503)
            #expect(try await house.get("/api/queues").status == 503)
            #expect(try await house.get("/api/health/live").status == 200)
            #expect(try await house.get("/api/health/ready").status == 200)
            let status = try await house.get("/api/health/status")
            #expect(status.status == 503)
            #expect(status.json["checks"]?["redis"]?["status"]?.string == "down")
            #expect(status.json["checks"]?["database"]?["status"]?.string == "ok")
            let metrics = try await house.get("/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("atom_up{part=\"redis\"} 0\n"))
        }
    }

    @Test func `nearly full, new jobs are refused with 503 and durable ones are kept`() async throws {
        let server = try await RedisServer("--maxmemory", "20mb", "--maxmemory-policy", "noeviction")
        try await Running.with(redis: server) { house in
            let filler = Array("\"\(String(repeating: "a", count: 50_000))\"".utf8)
            while try await RedisFacts(house.redis).share < 0.87 {
                try await house.queue("filler").enqueue([Envelope(name: "x", arguments: filler)])
            }
            let refused = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            #expect(refused.status == 503)
            #expect(refused["retry-after"] == "5")
            #expect(refused.json["detail"]?.string?.contains("% of its memory") == true)
            let kept = try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true])
            #expect(kept.status == 202)
        }
    }

    @Test func `full, the refusal is the same, and durable jobs are kept`() async throws {
        let server = try await RedisServer("--maxmemory", "1mb", "--maxmemory-policy", "noeviction")
        try await Running.with(redis: server) { house in
            let refused = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            #expect(refused.status == 503)
            #expect(refused["retry-after"] == "5")
            let kept = try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true])
            #expect(kept.status == 202)
        }
    }

    @Test func `mute for a moment, a job whose reply was lost is accepted once`() async throws {
        let server = try await RedisServer()
        var limits = Redis.Limits()
        limits.replyPatience = .milliseconds(400)
        limits.connectPatience = .seconds(5)
        try await Running.with(redis: server, limits: limits) { house in
            #expect(try await house.post("/api/jobs", ["name": "analyze_workspace"]).status == 202)
            server.freeze()
            async let answer = house.post("/api/jobs", ["name": "analyze_workspace"])
            // The reply is given up after 400 ms; nothing shows it from outside.
            try await Task.sleep(for: .milliseconds(700))
            server.thaw()
            #expect(try await answer.status == 202)
            #expect(try await house.queue().depths().backlog == 2)
        }
    }

    @Test func `restarted under load, callers hear of success or 503, and no accepted job is lost`()
        async throws
    {
        let server = try await RedisServer("--appendonly", "yes")
        try await Running.with(redis: server) { house in
            let load = Load()
            let answers = try await withThrowingTaskGroup(of: [Heard].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var answers: [Heard] = []
                        while load.isOn.withLock({ $0 }) {
                            answers.append(try await house.post("/api/jobs", ["name": "analyze_workspace"]))
                        }
                        return answers
                    }
                }
                for _ in 0..<2 {
                    let before = try await house.queue().depths().backlog
                    try await eventually { try await house.queue().depths().backlog > before + 20 }
                    try await server.restart()
                }
                try await eventually {
                    try await house.post("/api/jobs", ["name": "analyze_workspace"]).status == 202
                }
                load.isOn.withLock { $0 = false }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(answers.allSatisfy { $0.status == 202 || $0.status == 503 && $0["retry-after"] != nil })
            let ids = answers.filter { $0.status == 202 }.compactMap {
                $0.json["id"]?.string.flatMap { ID($0) }
            }
            #expect(ids.count > 40)
            for start in stride(from: 0, to: ids.count, by: 200) {
                let sights = try await house.queue().look(Array(ids[start..<min(start + 200, ids.count)]))
                #expect(sights.allSatisfy { $0 != nil })
            }
        }
    }

    @Test func `set to evict, health calls it down`() async throws {
        let server = try await RedisServer("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru")
        try await Running.with(redis: server) { house in
            let answer = try await house.get("/api/health/status")
            #expect(answer.status == 503)
            #expect(answer.json["checks"]?["redis"]?["eviction_policy"]?.string == "allkeys-lru")
        }
    }
}

/// Waits for a fact, ten seconds at most.
func eventually(_ fact: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while try await !fact() {
        try #require(ContinuousClock.now < end, "it never came true")
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Callers keep calling while it is on.
private final class Load: Sendable {
    let isOn = Mutex(true)
}
