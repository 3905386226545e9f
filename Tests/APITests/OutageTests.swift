import Core
import Queue
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
            // The next durable job brings along what lies in the outbox.
            #expect(
                try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true]).status
                    == 202)
            try await eventually { try await house.queue().look([try #require(ID(id))])[0] != nil }
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
        let server = try await RedisServer("--maxmemory", "6mb", "--maxmemory-policy", "noeviction")
        try await Running.with(redis: server) { house in
            var filler: [UInt8] = []
            filler = [UInt8](repeating: 0x61, count: 100_000)
            let envelopes = { Envelope(name: "x", arguments: Array("\"".utf8) + filler + Array("\"".utf8)) }
            var isFull = false
            while !isFull {
                do { try await house.queue("filler").enqueue([envelopes()]) } catch let failure as Failure {
                    #expect(failure.kind == .limited)
                    isFull = true
                }
            }
            let refused = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            #expect(refused.status == 503)
            #expect(refused["retry-after"] == "5")
            #expect(refused.json["detail"]?.string?.contains("memory") == true)
            let kept = try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true])
            #expect(kept.status == 202)
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
