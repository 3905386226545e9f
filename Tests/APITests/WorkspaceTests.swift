import Core
import Curl
import TestHouse
import Testing

@testable import API

@Suite struct `A project` {
    @Test(arguments: Engine.allCases) func `is made, read, changed and deleted`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post(
                "/api/projects",
                ["name": "Garden", "description": "All of it", "deadline": "2030-06-01T12:00:00Z"])
            #expect(made.status == 201)
            let path = try #require(made["location"])
            let shown = try await house.get(path)
            #expect(shown.json == made.json)
            #expect(shown.json["status"]?.string == "active")
            #expect(shown.json["deadline"]?.string == "2030-06-01T12:00:00.000Z")
            let changed = try await house.send("PUT", path, ["status": "on_hold", "deadline": nil])
            #expect(changed.status == 200)
            #expect(changed.json["status"]?.string == "on_hold")
            #expect(changed.json["deadline"] == .null)
            #expect(changed.json["name"]?.string == "Garden")
            #expect(try await house.get("/api/projects?status=on_hold").json["projects"]?.array?.count == 1)
            #expect(try await house.get("/api/projects?status=active").json["projects"]?.array?.count == 0)
            #expect(try await house.delete(path).status == 204)
            #expect(try await house.get(path).status == 404)
            #expect(try await house.delete(path).status == 404)
        }
    }

    @Test func `is refused where a field breaks a rule`() async throws {
        try await Running.with { house in
            let cases: [(JSON, String)] = [
                ([:], "422 /name"), (["name": " "], "422 /name"),
                (["name": "x", "status": "gone"], "422 /status"),
                (["name": "x", "deadline": "soon"], "422 /deadline"),
                (["name": "x", "deadline": 7], "400 /deadline"), (["name": nil], "400 /name"),
                (["name": "x", "owner": "me"], "400 /owner"),
                (["name": .string(String(repeating: "x", count: 201))], "422 /name"),
            ]
            for (json, refusal) in cases {
                let answer = try await house.post("/api/projects", json)
                #expect(answer.refusal == refusal, "\(json.text)")
            }
        }
    }

    @Test func `of another workspace is not there`() async throws {
        try await Running.with { house in
            let path = try #require(try await house.post("/api/projects", ["name": "Ours"])["location"])
            #expect(try await house.get(path, key: house.stranger).status == 404)
            #expect(try await house.delete(path, key: house.stranger).status == 404)
            let put = try await house.ask(
                "PUT", path, .bytes(JSON.object([.init("name", "Theirs")]).bytes),
                as: .init(key: house.stranger))
            #expect(put.status == 404)
            #expect(try await house.get(path).json["name"]?.string == "Ours")
        }
    }

    @Test func `changes only while its ETag holds`() async throws {
        try await Running.with { house in
            let made = try await house.post("/api/projects", ["name": "One"])
            let (path, tag) = (try #require(made["location"]), try #require(made["etag"]))
            let first = try await house.send("PUT", path, ["name": "Two"], ["If-Match": tag])
            #expect(first.status == 200)
            #expect(first["etag"] != tag)
            #expect(try await house.send("PUT", path, ["name": "Three"], ["If-Match": tag]).status == 412)
            #expect(try await house.send("PUT", path, ["name": "Three"], ["If-Match": "x"]).status == 400)
            #expect(try await house.get(path).json["name"]?.string == "Two")
        }
    }
}

@Suite struct `A task` {
    @Test(arguments: Engine.allCases) func `is made, found, changed and deleted`(engine: Engine) async throws
    {
        try await Running.with(engine) { house in
            let project = try await house.post("/api/projects", ["name": "Garden"]).json["id"] ?? .null
            let before = try await house.post("/api/tasks", ["title": "Dig"]).json["id"] ?? .null
            let made = try await house.post(
                "/api/tasks",
                [
                    "title": "Plant", "description": "Trees", "priority": "high", "project_id": project,
                    "assigned_to": "ann", "time_estimate": 2.5, "due_date": "2030-01-01T00:00:00+02:00",
                    "depends_on": [before],
                ])
            #expect(made.status == 201)
            let path = try #require(made["location"])
            let task = try await house.get(path).json
            #expect(task == made.json)
            #expect(task["status"]?.string == "todo")
            #expect(task["due_date"]?.string == "2029-12-31T22:00:00.000Z")
            #expect(task["depends_on"] == [before])
            let done = try await house.send("PATCH", "\(path)/status", ["status": "done"]).json
            #expect(done["status"]?.string == "done")
            #expect(done["completed_at"] != .null)
            let changed = try await house.send(
                "PUT", path, ["time_spent": 3, "assigned_to": nil, "depends_on": []])
            #expect(changed.json["time_spent"] == 3.0)
            #expect(changed.json["assigned_to"] == .null)
            #expect(changed.json["title"]?.string == "Plant")
            #expect(try await house.delete(path).status == 204)
            #expect(try await house.get(path).status == 404)
        }
    }

    @Test func `is listed by each filter, page by page`() async throws {
        try await Running.with { house in
            let project = try await house.post("/api/projects", ["name": "P"]).json["id"]?.string ?? ""
            for index in 0..<5 {
                _ = try await house.post(
                    "/api/tasks",
                    [
                        "title": .string("T\(index)"), "priority": index < 2 ? "high" : "low",
                        "assigned_to": index == 0 ? "ann" : "bob",
                        "project_id": index == 4 ? .string(project) : nil,
                        "due_date": .string("2030-01-0\(index + 1)T00:00:00Z"),
                    ])
            }
            let counts = [
                ("priority=high", 2), ("assigned_to=ann", 1), ("project_id=\(project)", 1),
                ("status=done", 0),
                ("due_before=2030-01-03T00:00:00Z", 2),
            ]
            for (query, count) in counts {
                #expect(
                    try await house.get("/api/tasks?\(query)").json["tasks"]?.array?.count == count,
                    "\(query)")
            }
            let first = try await house.get("/api/tasks?limit=3")
            let next = try #require(first["link"]).dropFirst().prefix { $0 != ">" }
            let second = try await house.get(String(next))
            let titles = [first, second].flatMap { $0.json["tasks"]?.array ?? [] }.compactMap {
                $0["title"]?.string
            }
            #expect(titles == ["T4", "T3", "T2", "T1", "T0"])
            #expect(second.json["next_cursor"] == .null)
        }
    }

    @Test func `is refused where a field breaks a rule or names what is not here`() async throws {
        try await Running.with { house in
            let strange =
                try await house.ask(
                    "POST", "/api/projects", .bytes(JSON.object([.init("name", "Theirs")]).bytes),
                    as: .init(key: house.stranger)
                ).json["id"] ?? .null
            let cases: [(JSON, String)] = [
                ([:], "422 /title"), (["title": "x", "time_estimate": -1], "422 /time_estimate"),
                (["title": "x", "priority": "urgent"], "422 /priority"),
                (["title": "x", "time_estimate": "much"], "400 /time_estimate"),
                (["title": "x", "project_id": "nonsense"], "422 /project_id"),
                (["title": "x", "project_id": strange], "422 /project_id"),
                (["title": "x", "depends_on": [.string(ID().text)]], "422 /depends_on/0"),
            ]
            for (json, refusal) in cases {
                #expect(try await house.post("/api/tasks", json).refusal == refusal, "\(json.text)")
            }
            let path = try #require(try await house.post("/api/tasks", ["title": "x"])["location"])
            #expect(
                try await house.send("PATCH", "\(path)/status", ["status": "gone"]).refusal == "422 /status")
            #expect(try await house.send("PATCH", "\(path)/status", [:]).refusal == "400 /status")
        }
    }
}
