import Core
import Queue
import Redis
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `The health of the house` {
    /// Announces what it took to set the house up, or what was changed since.
    private func tell(_ house: Running) async throws {
        while let turn = try await house.store.journal.take("test"), !turn.entries.isEmpty {
            try await house.store.journal.finish(turn.entries, by: "test")
        }
    }

    private func alerts(_ house: Running) async throws -> [String: JSON] {
        let answer = try await house.get("/api/health/alerts")
        #expect(answer.status == 200)
        let pairs = (answer.json["alerts"]?.array ?? []).compactMap { alert in
            alert["name"]?.string.map { ($0, alert) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test(arguments: Engine.allCases)
    func `is measured part by part`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            try await tell(house)
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            _ = try await house.post("/api/tasks", ["title": "told to nobody"])
            let book = Workers(ofRelaysOn: house.redis, prefix: house.settings.prefix)
            try await book.beat("one", about: ["connections": 3])
            try await book.beat("two", about: ["connections": 4])
            let metrics = try await house.get("/api/health/metrics")
            #expect(metrics.status == 200)
            let json = metrics.json
            #expect(json["process"]?["resident_bytes"]?.integer ?? 0 > 1_000_000)
            #expect(json["process"]?["open_files"]?.integer ?? 0 > 3)
            #expect(json["process"]?["uptime_seconds"]?.double ?? -1 >= 0)
            #expect(json["redis"]?["latency_seconds"]?.double ?? 0 > 0)
            #expect(json["redis"]?["append_only_file_sound"] == true)
            #expect(json["redis"]?["used_memory_bytes"]?.integer ?? 0 > 0)
            #expect(json["database"]?["pending_migrations"] == 0)
            #expect(json["database"]?["latency_seconds"]?.double ?? 0 > 0)
            #expect(json["relay"] == ["count": 2, "connections": 7])
            #expect(json["workers"]?["count"] == 0)
            #expect(json["backlog"]?["waiting"] == 1)
            #expect(json["announcements"]?["waiting"] == 1)
            #expect(json["schedules"]?["overdue"] == 0)
            #expect(json["outbox"]?["lag_seconds"]?.double == 0)
            #expect(json["limits"]?["breakers_open"] == 0)
            let text = try await house.get("/metrics").text
            for line in ["atom_relay_connections 7", "atom_announcements_waiting 1", "atom_breakers_open 0"] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
        }
    }

    @Test func `raises an alert beyond a threshold, keeps its time, and lets it go`() async throws {
        try await Running.with(adjust: { $0.thresholds.lag_s = 0 }) { house in
            try await tell(house)
            #expect(try await alerts(house)["announcements_lag"] == nil)
            _ = try await house.post("/api/tasks", ["title": "told to nobody"])
            let first = try #require(try await alerts(house)["announcements_lag"])
            #expect(first["severity"] == "warning" && first["threshold"]?.double == 0)
            #expect(first["value"]?.double ?? 0 > 0 && first["advice"]?.string?.isEmpty == false)
            let again = try #require(try await alerts(house)["announcements_lag"])
            #expect(again["since"] == first["since"] && first["since"]?.string != nil)
            #expect((again["value"]?.double ?? 0) > (first["value"]?.double ?? 0))
            try await tell(house)
            #expect(try await alerts(house)["announcements_lag"] == nil)
        }
    }

    @Test func `knows schedules that do not fire and processes that are missing`() async throws {
        try await Running.with { house in
            let first = try await alerts(house)
            #expect(first["workers_missing"]?["severity"] == "critical")
            #expect(first["relay_missing"]?["severity"] == "warning")
            #expect(first["schedule_overdue"] == nil)
            let made = try await house.send(
                "PUT", "/api/schedules/late",
                ["timing": ["cron": "0 3 * * *", "zone": "UTC"], "job": ["name": "analyze_workspace"]])
            #expect((200...201).contains(made.status), "\(made.text)")
            let turns = "\(house.settings.prefix):{schedules}:turns"
            let member = try #require(
                try await house.redis.send(Command("ZRANGE", turns, "0", "0")).array?.first?.text)
            let past = Moment.now.milliseconds - 120_000
            _ = try await house.redis.send(Command("ZADD", turns, String(past), member))
            try await Workers(on: house.redis, prefix: house.settings.prefix).beat("w", about: [:])
            let second = try await alerts(house)
            #expect(second["workers_missing"] == nil)
            #expect(second["schedule_overdue"]?["value"]?.double == 1)
        }
    }

    @Test func `is critical without Redis, and says so first`() async throws {
        let server = try await RedisServer()
        try await Running.with(redis: server) { house in
            server.kill()
            let answer = try await house.get("/api/health/alerts")
            #expect(answer.json["alerts"]?.array?.first?["name"] == "redis_down")
            #expect(answer.json["alerts"]?.array?.first?["severity"] == "critical")
            #expect(try await house.get("/api/health/metrics").json["redis"] == [:])
            let status = try await house.get("/api/health/status")
            #expect(status.status == 503 && status.json["checks"]?["relay"]?["status"] == "degraded")
        }
    }

    @Test func `is nobody's business without a key where metrics are closed`() async throws {
        try await Running.with(adjust: { $0.metricsAreOpen = false }) { house async throws in
            for path in ["/api/health/metrics", "/api/health/alerts"] {
                #expect(try await house.ask("GET", path, as: .init(type: nil)).status == 401)
                #expect(try await house.get(path, key: house.viewer).status == 200)
            }
        }
    }
}
