import Core
import Queue
import Testing

@testable import API

@Suite struct `A batch` {
    private static func jobs(_ count: Int) -> JSON {
        .array((0..<count).map { ["name": "analyze_workspace", "arguments": ["seed": .integer(Int64($0))]] })
    }

    @Test func `of a thousand is accepted as a whole, in its order`() async throws {
        try await Running.with { house in
            let answer = try await house.post("/api/jobs/batch", ["jobs": Self.jobs(1_000)])
            #expect(answer.status == 202)
            let receipts = try #require(answer.json["jobs"]?.array)
            #expect(Set(receipts.compactMap { $0["id"]?.string }).count == 1_000)
            #expect(try await house.queue().depths().backlog == 1_000)
        }
    }

    @Test func `with one bad job is refused as a whole, naming the field`() async throws {
        try await Running.with { house in
            let bad: JSON = ["name": "import_tasks", "arguments": [:]]
            var jobs = Self.jobs(3).array ?? []
            jobs.append(bad)
            let answer = try await house.post("/api/jobs/batch", ["jobs": .array(jobs)])
            #expect(answer.refusal == "422 /jobs/3/arguments/upload_id")
            #expect(answer.json["detail"]?.string?.hasPrefix("/jobs/3/arguments/upload_id") == true)
            let stray = try await house.post(
                "/api/jobs/batch", ["jobs": [["name": "analyze_workspace", "when": 1]]])
            #expect(stray.refusal == "400 /jobs/0/when")
            #expect(try await house.queue().depths().backlog == 0)
        }
    }

    @Test func `has a thousand jobs at most and one at least`() async throws {
        try await Running.with { house in
            for count in [0, 1_001] {
                let answer = try await house.post("/api/jobs/batch", ["jobs": Self.jobs(count)])
                #expect(answer.refusal == "422 /jobs")
            }
        }
    }

    @Test func `over two queues must be durable`() async throws {
        try await Running.with { house in
            let jobs: JSON = [["name": "analyze_workspace"], ["name": "analyze_workspace", "queue": "slow"]]
            #expect(try await house.post("/api/jobs/batch", ["jobs": jobs]).refusal == "422 /jobs/1/queue")
            let durable = try await house.post("/api/jobs/batch", ["jobs": jobs, "durable": true])
            #expect(durable.status == 202)
            #expect(try await house.queue("slow").depths().backlog == 1)
            #expect(try await house.queue().depths().backlog == 1)
        }
    }

    @Test func `is enqueued once under its key`() async throws {
        try await Running.with { house in
            let first = try await house.post(
                "/api/jobs/batch", ["jobs": Self.jobs(5)], ["Idempotency-Key": "b"])
            let second = try await house.post(
                "/api/jobs/batch", ["jobs": Self.jobs(5)], ["Idempotency-Key": "b"])
            #expect(first.json == second.json)
            #expect(second["idempotent-replay"] == "true")
            #expect(first.json["jobs"]?.array?.first?["acceptance"]?.string == "durable")
            #expect(try await house.queue().depths().backlog == 5)
        }
    }
}
