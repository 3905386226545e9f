import Core
import Curl
import Queue
import Testing

@testable import API

extension Running {
    /// Enqueues jobs and lets each die of one of the messages.
    fileprivate func bury(_ messages: [String], key: String? = nil) async throws -> [String] {
        var ids: [String] = []
        for message in messages {
            let body = JSON.object([.init("name", "analyze_workspace"), .init("tags", ["night"])]).bytes
            let asked = try await ask("POST", "/api/jobs", .bytes(body), as: Manner(key: key ?? self.key))
            ids.append(try #require(asked.json["id"]?.string))
            try await work { .dead(Failure(.invalid, message)) }
        }
        return ids
    }

    fileprivate func states(_ ids: [String]) async throws -> [String?] {
        var states: [String?] = []
        for id in ids { states.append(try await get("/api/jobs/\(id)").json["state"]?.string) }
        return states
    }
}

@Suite struct `C6: the list of dead letters` {
    @Test func `shows each trouble once, with a sample`() async throws {
        try await Running.with { house in
            let ids = try await house.bury(["Row 1 is bad.", "Row 2 is bad.", "No such file."])
            let list = try await house.get("/api/dead").json
            #expect(list["total"] == 2)
            #expect(list["jobs"] == 3)
            let first = try #require(list["groups"]?.array?.first)
            #expect(first["count"] == 2)
            #expect(first["message"] == "Row 2 is bad.")
            #expect(first["sample"]?.string == ids[1])
            #expect((first["name"], first["kind"]) == ("analyze_workspace", "invalid"))
            let print = try #require(first["fingerprint"]?.string)
            #expect(try await house.get("/api/dead?fingerprint=\(print)").json["total"] == 1)
            #expect(try await house.get("/api/dead?name=send_email").json["total"] == 0)
            #expect(try await house.get("/api/dead?tag=night&limit=1").json["groups"]?.array?.count == 1)
            #expect(try await house.get("/api/dead?to=2020-01-01T00:00:00Z").json["total"] == 0)
            #expect(try await house.get("/api/dead?from=yesterday").status == 400)
        }
    }

    @Test func `shows nobody the dead of another workspace`() async throws {
        try await Running.with { house in
            let ids = try await house.bury(["Row 1 is bad."])
            #expect(try await house.get("/api/dead", key: house.stranger).json["total"] == 0)
            let order = JSON.object([.init("filter", ["ids": [.string(ids[0])]])]).bytes
            for path in ["/api/dead/retry", "/api/dead/delete"] {
                let answer = try await house.ask("POST", path, .bytes(order), as: .init(key: house.stranger))
                #expect(answer.status == 200)
                #expect(answer.json["matched"] == 0)
                #expect(
                    try await house.ask("POST", path, .bytes(order), as: .init(key: house.viewer)).status
                        == 403)
            }
            #expect(try await house.states(ids) == ["dead"])
        }
    }
}

@Suite struct `C7: an order for dead letters` {
    @Test func `is counted first, and refused when the count has changed`() async throws {
        try await Running.with { house in
            let ids = try await house.bury(["Row 1 is bad.", "Row 2 is bad."])
            let filter: JSON = ["name": "analyze_workspace"]
            let dry = try await house.post("/api/dead/retry", ["filter": filter, "dry_run": true])
            #expect(dry.json == ["matched": 2, "dry_run": true])
            let late = try await house.post("/api/dead/retry", ["filter": filter, "expected": 1])
            #expect(late.refusal == "409 /expected")
            #expect(try await house.states(ids) == ["dead", "dead"])
            let done = try await house.post("/api/dead/retry", ["filter": filter, "expected": 2])
            #expect(done.json == ["matched": 2, "retried": 2])
            #expect(try await house.states(ids) == ["waiting", "waiting"])
        }
    }

    @Test func `deletes for good and leaves the others`() async throws {
        try await Running.with { house in
            let ids = try await house.bury(["Row 1 is bad.", "No such file."])
            let groups = try await house.get("/api/dead").json["groups"]?.array ?? []
            let group = try #require(groups.first { $0["message"] == "No such file." })
            let filter: JSON = ["fingerprint": group["fingerprint"] ?? .null, "queue": "default"]
            let done = try await house.post("/api/dead/delete", ["filter": filter])
            #expect(done.json == ["matched": 1, "deleted": 1])
            #expect(try await house.states(ids) == ["dead", nil])
        }
    }

    @Test(arguments: [
        (#"{}"#, "400 /filter"), (#"{"filter": {"colour": 1}}"#, "400 /filter/colour"),
        (#"{"filter": {"queue": "A B"}}"#, "422 /filter/queue"),
        (#"{"filter": {"from": "noon"}}"#, "400 /filter/from"),
        (#"{"filter": {"ids": ["x"]}}"#, "400 /filter/ids/0"),
        (#"{"filter": {}, "expected": "2"}"#, "400 /expected"),
    ])
    func `that makes no sense is refused`(body: String, refusal: String) async throws {
        try await Running.with { house in
            let answer = try await house.ask(
                "POST", "/api/dead/delete", .bytes(Array(body.utf8)), as: .init(key: house.key))
            #expect(answer.refusal == refusal)
        }
    }
}
