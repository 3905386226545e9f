import Core
import HTTPTypes
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work

@testable import API

extension Running {
    /// A key of the administrator with these scopes alone.
    fileprivate func key(_ scopes: String...) async throws -> String {
        let made = try await post(
            "/api/auth/keys", ["name": "k", "scopes": .array(scopes.map(JSON.string))])
        return try #require(made.json["key"]?.string)
    }

    fileprivate func start(_ name: String, by key: String) async throws -> Heard {
        try await say("POST", "/api/jobs", ["name": .string(name)], by: key)
    }
}

@Suite struct `A job that a key names` {
    private static let analysis: JSON = ["name": "analyze_workspace"]
    private static let message: JSON = [
        "name": "send_message", "arguments": ["message_id": .string(ID().text)],
    ]

    @Test func `needs what it changes to be the key's to change`() async throws {
        try await Running.with { house in
            let (jobs, both) = (
                try await house.key("jobs:write"), try await house.key("jobs:write", "ai:write")
            )
            let refused = try await house.start("analyze_workspace", by: jobs)
            #expect(refused.status == 403)
            #expect(refused.json["detail"]?.string?.contains("ai:write") == true)
            #expect(try await house.start("analyze_workspace", by: both).status == 202)
            for key in [try await house.key("ai:write"), try await house.key("jobs:read", "ai:write")] {
                #expect(try await house.start("analyze_workspace", by: key).status == 403)
            }
            for key in [try await house.key("write"), try await house.key("*"), house.key] {
                #expect(try await house.say("POST", "/api/jobs", Self.message, by: key).status == 202)
            }
            let reader = try await house.key("jobs:write", "communications:read")
            #expect(try await house.say("POST", "/api/jobs", Self.message, by: reader).status == 403)
            #expect(try await house.start("analyze_workspace", by: house.viewer).status == 403)
            #expect(try await house.queue().depths().backlog == 4)
        }
    }

    @Test func `is refused with its whole batch`() async throws {
        try await Running.with { house in
            let key = try await house.key("jobs:write", "ai:write")
            let batch = { (jobs: [JSON], durable: Bool) in
                try await house.say(
                    "POST", "/api/jobs/batch", ["jobs": .array(jobs), "durable": .bool(durable)], by: key)
            }
            for durable in [false, true] {
                #expect(try await batch([Self.analysis, Self.message], durable).status == 403)
                #expect(try await batch([Self.analysis, Self.analysis], durable).status == 202)
            }
            #expect(try await house.queue().depths().backlog == 4)
        }
    }

    @Test func `may be neither planned nor fired by whoever may not start it`() async throws {
        try await Running.with { house in
            let planner = try await house.key("schedules:write", "jobs:write")
            let able = try await house.key("schedules:write", "jobs:write", "ai:write")
            let spec: JSON = ["timing": ["cron": "0 3 * * *"], "job": Self.analysis]
            let put = { (key: String) in
                try await house.say("PUT", "/api/schedules/nightly", spec, by: key).status
            }
            let made = JSON.object([.init("name", "nightly")] + (spec.members ?? []))
            #expect(try await house.say("POST", "/api/schedules", made, by: planner).status == 403)
            #expect(try await put(planner) == 403)
            #expect(try await put(try await house.key("schedules:write", "ai:write")) == 403)
            #expect(try await put(able) == 200)
            let range: JSON = ["from": "2026-01-01T00:00:00Z", "until": "2026-01-03T00:00:00Z"]
            let deeds: [(String, JSON, Int)] = [
                ("trigger", [:], 202), ("backfill", range, 202), ("pause", [:], 200), ("resume", [:], 200),
            ]
            for (deed, body, status) in deeds {
                let path = "/api/schedules/nightly/\(deed)"
                let refused = try await house.say("POST", path, body, by: planner).status
                // Whoever may not start it may still have it rest.
                #expect(refused == (deed == "pause" ? 200 : 403), "\(deed)")
                #expect(try await house.say("POST", path, body, by: able).status == status, "\(deed)")
            }
        }
    }

    @Test func `stays dead for whoever may not start it`() async throws {
        try await Running.with { house in
            let asked = try await house.post("/api/jobs", Self.analysis)
            let id = try #require(asked.json["id"]?.string)
            try await house.work { .dead(Failure(.invalid, "No.")) }
            let jobs = try await house.key("jobs:write", "dead:write")
            let able = try await house.key("jobs:write", "dead:write", "ai:write")
            let all: JSON = ["filter": [:]]
            #expect(try await house.say("POST", "/api/jobs/\(id)/retry", by: jobs).status == 403)
            #expect(try await house.say("POST", "/api/dead/retry", all, by: jobs).status == 403)
            #expect(try await house.get("/api/jobs/\(id)").json["state"] == "dead")
            #expect(try await house.say("POST", "/api/dead/retry", all, by: able).json["retried"] == 1)
            try await house.work { .dead(Failure(.invalid, "No.")) }
            #expect(try await house.say("POST", "/api/jobs/\(id)/retry", by: able).status == 202)
            try await house.work { .dead(Failure(.invalid, "No.")) }
            // To let it go does nothing of what it does.
            #expect(try await house.say("POST", "/api/dead/delete", all, by: jobs).json["deleted"] == 1)
        }
    }

    @Test func `changes what some route changes too, so that there are keys for it`() {
        let areas = Set(Routes.all.filter { $0.method != .get }.map(\.area))
        for name in catalogue.names {
            let area = catalogue.area(name) ?? ""
            #expect(areas.contains(area), "\(name) changes \(area), which no scope names")
            #expect(area != "jobs", "\(name) says nothing of what it changes")
        }
    }
}
