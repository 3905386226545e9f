import Core
import Foundation
import Queue
import Testing

@testable import API

@Suite struct `A job that shares` {
    private static let plain: [JSON.Member] = [.init("name", "analyze_workspace")]

    private func job(_ more: JSON) -> JSON { .object(Self.plain + (more.members ?? [])) }

    @Test func `waits by default for the turn of its workspace, or takes none`() async throws {
        try await Running.with { house in
            let queue = Queue("default", on: house.redis, settings: house.settings)
            for (asked, share) in [
                (job([:]), house.workspace.text), (job(["share": "team-7"]), "team-7"),
                (job(["share": ""]), ""),
            ] {
                let id = try #require(
                    try await house.post("/api/jobs", asked).json["id"]?.string.flatMap { ID($0) })
                #expect(try await queue.look([id]).first??.envelope.flow.share == share)
            }
            let weighed = try await house.send("PUT", "/api/queues/default/shares/team-7", ["weight": 4])
            #expect(weighed.status == 200)
            #expect(try await house.get("/api/queues/default/shares").json["shares"]?["team-7"] == 4.0)
            #expect(try await house.get("/api/queues").json["queues"]?.array?.first?["backlog"] == 3)
        }
    }

    @Test func `A6 that is unique by its arguments is refused, or gets the one that is there`() async throws {
        try await Running.with { house in
            func ask(_ seed: Int64, _ conflict: String) async throws -> Heard {
                try await house.post(
                    "/api/jobs",
                    job([
                        "arguments": ["seed": .integer(seed)],
                        "unique": ["by": ["/seed"], "on_conflict": .string(conflict)],
                    ]))
            }
            let first = try await ask(1, "reject")
            #expect(first.status == 202)
            #expect(try await ask(1, "reject").refusal == "409 /unique")
            #expect(try await ask(2, "reject").status == 202)
            #expect(try await ask(1, "return_existing").json["id"] == first.json["id"])
        }
    }

    @Test func `D3 that finds a limit full is refused with its name`() async throws {
        try await Running.with { house in
            let set = try await house.send(
                "PUT", "/api/limits/provider%3Ax", ["concurrency": 1, "waiting": 1, "overflow": "reject"])
            #expect(set.status == 200)
            let asked = job(["limits": [["key": "provider:x"]]])
            #expect(try await house.post("/api/jobs", asked).status == 202)
            let refused = try await house.post("/api/jobs", asked)
            #expect(refused.refusal == "429 /limits")
            #expect(refused.json["detail"]?.string?.contains("provider:x") == true)
            #expect(refused["retry-after"] != nil)
            #expect(try await house.get("/api/limits").json["limits"]?["provider:x"]?["concurrency"] == 1)
            #expect(try await house.delete("/api/limits/provider%3Ax").status == 204)
            #expect(try await house.delete("/api/limits/provider%3Ax").status == 404)
            #expect(try await house.post("/api/jobs", asked).status == 202)
        }
    }

    @Test(
        arguments: [
            (["share": "a b"], "/share"), (["limits": [["key": ""]]], "/limits/0/key"),
            (["limits": [["key": "a", "cost": 0]]], "/limits/0/cost"),
            (["limits": [["key": "a"], ["key": "a"]]], "/limits/1/key"), (["exclusive": "a;b"], "/exclusive"),
            (["overflow": "explode"], "/overflow"), (["unique": ["key": "a", "by": ["/b"]]], "/unique/by"),
            (["unique": ["by": ["/nothing"]]], "/unique/by/0"), (["unique": ["until": "x"]], "/unique/until"),
            (["unique": ["until": "lifetime"]], "/unique/lifetime_seconds"),
            (["deadline_at": "2020-01-01T00:00:00Z"], "/deadline_at"),
            (["retry_until": "2020-01-01T00:00:00Z"], "/retry_until"), (["parent_id": "x"], "/parent_id"),
        ] as [(JSON, String)])
    func `is refused with the field that is wrong`(more: JSON, pointer: String) async throws {
        try await Running.with { house async throws in
            #expect(try await house.post("/api/jobs", job(more)).refusal == "422 \(pointer)")
        }
    }

    @Test func `and a limit or pause that is wrong is refused too, and is for operators`() async throws {
        try await Running.with { house in
            for (body, pointer) in [
                ([:], "-"), (["concurrency": 0], "/concurrency"),
                (["rate": ["units": 0, "period_seconds": 1]], "/rate/units"),
                (["rate": ["units": 1, "period_seconds": 0]], "/rate/period_seconds"),
                (["breaker": ["failures": 0]], "/breaker/failures"),
                (["waiting": 1, "overflow": "x"], "/overflow"),
            ] as [(JSON, String)] {
                let answer = try await house.send("PUT", "/api/limits/k", body)
                #expect(answer.refusal == "422 \(pointer)")
            }
            #expect(
                try await house.send("PUT", "/api/limits/a%20b", ["concurrency": 1]).refusal == "400 /key")
            let past: JSON = ["until": "2020-01-01T00:00:00Z"]
            #expect(try await house.send("PUT", "/api/pauses/k", past).refusal == "422 /until")
            #expect(try await house.get("/api/limits", key: house.viewer).status == 403)
        }
    }
}

@Suite struct `G17 G18 G6 G7 G13 G19 Insight` {
    private func post(_ house: Running, _ more: JSON) async throws -> String {
        let job = JSON.object([.init("name", "analyze_workspace")] + (more.members ?? []))
        return try #require(try await house.post("/api/jobs", job).json["id"]?.string)
    }

    @Test func `explains what keeps a job: a pause with who and why, and that no worker knows it`()
        async throws
    {
        try await Running.with { house in
            let id = try await post(house, [:])
            let pause = try await house.send("PUT", "/api/pauses/queue%3Adefault", ["reason": "maintenance"])
            #expect(pause.json["by"]?.string?.hasPrefix("user:") == true)
            #expect(pause.json["reason"]?.string == "maintenance")
            func kinds() async throws -> [String] {
                let answer = try await house.get("/api/jobs/\(id)/explain").json
                return (answer["blockers"]?.array ?? []).compactMap { $0["kind"]?.string }.sorted()
            }
            #expect(try await kinds() == ["no_worker", "paused"])
            let scale = try await house.get("/api/scale").json
            #expect(scale["runnable_jobs"] == 0 && scale["blocked_jobs"] == 1 && scale["wanted_workers"] == 0)
            #expect(try await house.delete("/api/pauses/queue%3Adefault").status == 204)
            #expect(try await kinds() == ["no_worker"])
            let workers = Workers(on: house.redis, prefix: house.settings.prefix)
            try await workers.beat("w", about: ["queues": ["default"], "jobs": ["analyze_workspace@1"]])
            #expect(try await kinds() == [])
            let more = try await house.get("/api/scale").json
            #expect(more["runnable_jobs"] == 1 && more["wanted_workers"] == 2)
        }
    }

    @Test func `tells a job's timeline, its lines and its errors, each with who and when`() async throws {
        try await Running.with { house in
            let id = try await post(house, ["tags": ["blue"]])
            let queue = Queue("default", on: house.redis, settings: house.settings)
            var shift = Queue.Shift()
            shift.wanted = 1
            let claim = try #require(try await queue.work(shift).claims.first)
            let line: JSON = ["at": "2026-11-21T12:00:00.000Z", "line": "half way"]
            _ = try await queue.report(claim, state: ["log": [line]], news: ["log": line])
            #expect(try await house.get("/api/jobs/\(id)/logs").json["lines"] == [line])
            let failure = Failure(.unavailable, "Not now.")
            let retry = Settlement(claim, .retry(after: .zero, failure), started: .now, worker: "w1")
            var settling = Queue.Shift()
            settling.settlements = [retry]
            _ = try await queue.work(settling)
            _ = try await queue.promote()
            let again = try #require(try await queue.work(shift).claims.first)
            settling.settlements = [Settlement(again, .done(["sum": 3]), started: .now, worker: "w2")]
            _ = try await queue.work(settling)
            let entries = try await house.get("/api/jobs/\(id)/timeline").json["entries"]?.array ?? []
            #expect(
                entries.compactMap { $0["event"]?.string } == ["enqueued", "retrying", "started", "done"])
            #expect(entries.first?["actor"]?.string?.hasPrefix("user:") == true)
            #expect(entries[1]["actor"]?.string == "w1")
            #expect(entries[1]["detail"]?["error"]?.string == "Not now.")
            #expect(entries.last?["actor"]?.string == "w2")
            let job = try await house.get("/api/jobs/\(id)").json
            #expect(job["result"]?["sum"] == 3 && job["errors"]?.array?.count == 1)
            #expect(job["errors"]?.array?.first?["worker"]?.string == "w1")
            #expect(try await house.get("/api/jobs?tag=blue").json["jobs"]?.array?.count == 1)
            #expect(try await house.get("/api/jobs?tag=green").json["jobs"]?.array?.isEmpty == true)
        }
    }

    @Test func `G9 keeps the caller's trace`() async throws {
        try await Running.with { house in
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let made = try await house.post(
                "/api/jobs", ["name": "analyze_workspace"], ["traceparent": parent])
            let id = try #require(made.json["id"]?.string)
            let first = try await house.get("/api/jobs/\(id)/timeline").json["entries"]?.array?.first
            #expect(first?["trace"]?.string?.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") == true)
            #expect(first?["trace"]?.string != parent)
        }
    }
}
