import Core
import Queue
import Testing

@testable import API

@Suite struct `A job` {
    @Test func `is accepted and shown with all that was asked`() async throws {
        try await Running.with { house in
            let asked = try await house.post(
                "/api/jobs",
                [
                    "name": "analyze_workspace", "arguments": ["seed": 7], "priority": "high",
                    "max_attempts": 4,
                    "timeout_seconds": 30, "tags": ["nightly"], "delay_seconds": 60,
                ])
            #expect(asked.status == 202)
            #expect(asked.json["state"]?.string == "scheduled")
            #expect(asked.json["acceptance"]?.string == "accepted")
            let id = try #require(asked.json["id"]?.string)
            #expect(asked["location"] == "/api/jobs/\(id)")
            let job = try await house.get("/api/jobs/\(id)").json
            #expect(job["name"]?.string == "analyze_workspace")
            #expect(job["queue"]?.string == "default")
            #expect(job["state"]?.string == "scheduled")
            #expect(job["priority"]?.string == "high")
            #expect(job["max_attempts"] == 4)
            #expect(job["tags"] == ["nightly"])
            #expect(job["arguments"] == ["seed": 7])
            #expect(job["attempts"] == 0)
            #expect(job["run_at"]?.string.flatMap { Moment($0) } != nil)
        }
    }

    @Test func `is shown with its result once it is done`() async throws {
        try await Running.with { house in
            let id = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace"]).json["id"]?.string)
            try await house.work { .done(["found": 3]) }
            let job = try await house.get("/api/jobs/\(id)?queue=default").json
            #expect(job["state"]?.string == "done")
            #expect(job["result"] == ["found": 3])
            #expect(job["worker"]?.string == "w1")
            #expect(job["arguments"] == .null)
            #expect(job["finished_at"]?.string.flatMap { Moment($0) } != nil)
        }
    }

    @Test func `that waits is cancelled at once, and then it is too late`() async throws {
        try await Running.with { house in
            let id = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace"]).json["id"]?.string)
            let first = try await house.post("/api/jobs/\(id)/cancel", ["reason": "not needed"])
            #expect(first.status == 200)
            #expect(first.json["state"]?.string == "cancelled")
            #expect(first.json["reason"]?.string == "not needed")
            let bare = Running.Manner(key: house.key, type: nil)
            #expect(try await house.ask("POST", "/api/jobs/\(id)/cancel", as: bare).status == 409)
        }
    }

    @Test func `that runs is asked to stop`() async throws {
        try await Running.with { house in
            let id = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace"]).json["id"]?.string)
            var shift = Queue.Shift()
            shift.wanted = 1
            #expect(try await house.queue().work(shift).claims.count == 1)
            let answer = try await house.post("/api/jobs/\(id)/cancel", [:])
            #expect(answer.status == 202)
            #expect(answer.json["state"]?.string == "running")
        }
    }

    @Test func `is put back only when it is dead`() async throws {
        try await Running.with { house in
            let id = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace"]).json["id"]?.string)
            #expect(try await house.post("/api/jobs/\(id)/retry", [:]).status == 409)
            try await house.work { .dead(Failure(.invalid, "It cannot be.")) }
            let dead = try await house.get("/api/jobs/\(id)").json
            #expect(dead["state"]?.string == "dead")
            #expect(dead["errors"]?.array?.count == 1)
            let again = try await house.post("/api/jobs/\(id)/retry", [:])
            #expect(again.status == 202)
            #expect(again.json["state"]?.string == "waiting")
        }
    }
}

extension Running {
    /// Does one job of the default queue as a worker would.
    func work(_ verdict: () -> Verdict) async throws {
        var shift = Queue.Shift()
        shift.wanted = 1
        let claim = try #require(try await queue().work(shift).claims.first)
        var end = Queue.Shift()
        end.settlements = [Settlement(claim, verdict(), started: .now, worker: "w1")]
        _ = try await queue().work(end)
    }
}
