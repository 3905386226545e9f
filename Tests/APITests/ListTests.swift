import Core
import Queue
import Testing

@testable import API

@Suite struct `The list of jobs` {
    @Test func `leads through all pages of all queues, each job once`() async throws {
        try await Running.with { house in
            for queue in ["alpha", "beta", "default"] {
                let jobs = (0..<7).map { _ -> JSON in ["name": "analyze_workspace", "queue": .string(queue)] }
                #expect(try await house.post("/api/jobs/batch", ["jobs": .array(jobs)]).status == 202)
            }
            var (path, ids, pages) = ("/api/jobs?limit=4&state=waiting", [String](), 0)
            while pages < 20 {
                let page = try await house.get(path)
                #expect(page.status == 200)
                ids += (page.json["jobs"]?.array ?? []).compactMap { $0["id"]?.string }
                pages += 1
                guard let link = page["link"] else { break }
                #expect(link.hasSuffix("; rel=\"next\""))
                path = String(link.dropFirst().prefix { $0 != ">" })
                #expect(path.contains("limit=4"))
            }
            #expect(ids.count == 21)
            #expect(Set(ids).count == 21)
        }
    }

    @Test func `shows what is asked for and nothing else`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace", "tags": ["a"]])
            _ = try await house.post(
                "/api/jobs", ["name": "analyze_workspace", "tags": ["b"], "delay_seconds": 90])
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace", "queue": "side"])
            let counts = [
                ("", 3), ("?state=scheduled", 1), ("?tag=a", 1), ("?queue=side", 1), ("?queue=nothing", 0),
                ("?name=send_email", 0), ("?name=analyze_workspace&state=waiting", 2),
            ]
            for (query, count) in counts {
                let jobs = try await house.get("/api/jobs\(query)").json["jobs"]?.array
                #expect(jobs?.count == count, "\(query)")
            }
        }
    }

    @Test(arguments: [
        "state=lost", "limit=0", "limit=201", "limit=x", "cursor=%7B", "cursor=default.9", "queue=A%20B",
        "colour=red",
    ])
    func `refuses a parameter that makes no sense`(query: String) async throws {
        try await Running.with { house in
            let answer = try await house.get("/api/jobs?\(query)")
            // A cursor is well formed, whatever it says; no schema can tell it from one that was given.
            #expect(answer.status == (query.hasPrefix("cursor") ? 422 : 400))
        }
    }

    @Test func `of another workspace is empty, and its jobs are not there`() async throws {
        try await Running.with { house in
            let id = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace"]).json["id"]?.string)
            let kept = try #require(
                try await house.post("/api/jobs", ["name": "analyze_workspace", "durable": true]).json["id"]?
                    .string)
            #expect(try await house.get("/api/jobs", key: house.stranger).json["jobs"] == [])
            for id in [id, kept, "nonsense"] {
                #expect(try await house.get("/api/jobs/\(id)", key: house.stranger).status == 404)
                let cancel = try await house.ask(
                    "POST", "/api/jobs/\(id)/cancel", as: .init(key: house.stranger, type: nil))
                #expect(cancel.status == 404)
            }
            #expect(try await house.get("/api/jobs/\(id)").json["state"]?.string == "waiting")
        }
    }
}

@Suite struct `The list of queues` {
    @Test func `has depths by level and the age of the oldest`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace", "priority": "high"])
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace"])
            _ = try await house.post("/api/jobs", ["name": "analyze_workspace", "delay_seconds": 60])
            let queue = try #require(try await house.get("/api/queues").json["queues"]?.array?.first)
            #expect(queue["name"]?.string == "default")
            #expect(queue["backlog"] == 2)
            #expect(queue["waiting"] == ["high": 1, "normal": 1, "low": 0, "redelivered": 0])
            #expect(queue["scheduled"] == 1)
            #expect(queue["oldest_waiting_seconds"]?.double.map { $0 >= 0 && $0 < 60 } == true)
        }
    }
}
