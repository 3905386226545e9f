import Core
import Curl
import Queue
import Testing

@testable import API

@Suite struct `A5 A request with an Idempotency-Key` {
    @Test(arguments: [false, true]) func `enqueues once, whatever way it is accepted`(
        durable: Bool
    ) async throws {
        try await Running.with { house in
            let json: JSON = ["name": "analyze_workspace", "durable": .bool(durable)]
            let first = try await house.post("/api/jobs", json, ["Idempotency-Key": "k1"])
            let second = try await house.post("/api/jobs", json, ["Idempotency-Key": "k1"])
            #expect([first.status, second.status] == [202, 202])
            #expect(first["idempotent-replay"] == nil)
            #expect(second["idempotent-replay"] == "true")
            #expect(first.json["id"] == second.json["id"])
            #expect(first["location"] == second["location"])
            #expect(try await house.queue().depths().backlog == 1)
        }
    }

    @Test(arguments: [false, true]) func `is refused when it says something else`(durable: Bool) async throws
    {
        try await Running.with { house in
            let json: JSON = ["name": "analyze_workspace", "durable": .bool(durable)]
            _ = try await house.post("/api/jobs", json, ["Idempotency-Key": "k1"])
            let other: JSON = ["name": "analyze_workspace", "durable": .bool(durable), "tags": ["x"]]
            let answer = try await house.post("/api/jobs", other, ["Idempotency-Key": "k1"])
            #expect(answer.status == 422)
            #expect(answer.json["type"]?.string == "urn:atom:problem:idempotency-mismatch")
            #expect(try await house.queue().depths().backlog == 1)
        }
    }

    @Test func `is the same whatever the order of its members`() async throws {
        try await Running.with { house in
            let first = try await house.post(
                "/api/jobs", ["name": "analyze_workspace", "priority": "low"], ["Idempotency-Key": "k"])
            let second = try await house.post(
                "/api/jobs", ["priority": "low", "name": "analyze_workspace"], ["Idempotency-Key": "k"])
            #expect(first.json["id"] == second.json["id"])
        }
    }

    @Test func `stands for its own workspace only`() async throws {
        try await Running.with { house in
            let json: JSON = ["name": "analyze_workspace"]
            let ours = try await house.post("/api/jobs", json, ["Idempotency-Key": "k"])
            let theirs = try await house.ask(
                "POST", "/api/jobs", .bytes(json.bytes),
                as: .init(key: house.stranger, headers: ["Idempotency-Key": "k"]))
            #expect(theirs.status == 202)
            #expect(ours.json["id"] != theirs.json["id"])
        }
    }

    @Test func `creates one task, also when many come at once`() async throws {
        try await Running.with { house in
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await house.post("/api/tasks", ["title": "Once"], ["Idempotency-Key": "t"])
                            .json["id"]?.string
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await house.get("/api/tasks").json["tasks"]?.array?.count == 1)
        }
    }

    @Test(arguments: ["", "with space", String(repeating: "k", count: 256)])
    func `is refused when the key is no key`(key: String) async throws {
        try await Running.with { house in
            let answer = try await house.post(
                "/api/jobs", ["name": "analyze_workspace"], ["Idempotency-Key": key])
            #expect(answer.status == 400)
        }
    }
}
