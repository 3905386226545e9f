import Automation
import Core
import Curl
import Store
import TestHouse
import Testing
import Workspace

@testable import API

@Suite struct `The routes of language models` {
    @Test(arguments: Engine.allCases)
    func `take a message and have a job answer it`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let made = try await house.post("/ai/chat", ["message": "Hello"])
            #expect(made.status == 202, "\(made.text)")
            let conversation = try #require(made.json["conversation_id"]?.string)
            let job = try await house.get("/api/jobs/\(made.json["job_id"]?.string ?? "")")
            #expect(job.json["name"] == "chat_reply")
            let again = try await house.post(
                "/ai/chat", ["message": "And?", "conversation_id": .string(conversation)])
            #expect(again.status == 202)
            let said = try await house.get("/ai/messages?conversation_id=\(conversation)")
            #expect(
                said.json["chat_messages"]?.array?.compactMap { $0["content"]?.string } == ["And?", "Hello"])
            let talk = "/ai/conversations/\(conversation)"
            #expect(try await house.get(talk, key: house.stranger).status == 404)
            #expect(try await house.get(talk, key: house.viewer).status == 404)
            #expect(try await house.delete(talk).status == 204)
            #expect(try await house.get("/ai/messages").json["chat_messages"] == [])
        }
    }

    @Test func `refuse what names nothing`() async throws {
        try await Running.with { house async throws in
            let nobody = JSON(ID())
            for (path, body, refusal) in [
                ("/ai/chat", ["message": "x", "conversation_id": nobody], 422),
                ("/ai/chat", ["message": "x", "contact_id": nobody], 422),
                ("/ai/chat", ["message": ""], 422), ("/ai/chat", ["message": "x", "y": 1], 400),
                ("/ai/chat", [:], 400), ("/ai/analyze", ["project_id": nobody], 422),
                ("/ai/suggestions/none/accept", [:], 404),
            ] as [(String, JSON, Int)] {
                #expect(try await house.post(path, body).status == refusal, "\(path) \(body.text)")
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `do a proposed action once, as it was read`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let task = try await house.post(
                "/api/tasks", ["title": "Dig", "due_date": JSON(Moment.now + .seconds(-20 * 86_400))])
            let all = try await house.get("/ai/suggestions?kind=time").json["suggestions"]?.array
            let suggestion = try #require(all?.first?["id"]?.string)
            #expect(suggestion == "time-\(task.json["id"]?.string ?? "")")
            let accepted = try await house.post("/ai/suggestions/\(suggestion)/accept", [:])
            #expect(accepted.status == 201, "\(accepted.text)")
            let action = try #require(accepted.json["action"])
            let place = "/ai/actions/\(action["id"]?.string ?? "")"
            #expect(try await house.get(place, key: house.viewer).status == 404)
            let before = try await house.get(task["location"] ?? "").json["due_date"]
            #expect(before == task.json["due_date"])
            let wrong: JSON = ["digest": .string(String(repeating: "0", count: 64))]
            #expect(try await house.post("\(place)/approve", wrong).status == 409)
            let done = try await house.post("\(place)/approve", ["digest": action["digest"] ?? .null])
            #expect(done.status == 200, "\(done.text)")
            #expect(done.json["status"] == "executed")
            let after = try await house.get(task["location"] ?? "").json["due_date"]
            #expect(after == action["parameters"]?["due_date"])
            #expect(
                try await house.post("\(place)/approve", ["digest": action["digest"] ?? .null]).status == 409)
            #expect(try await house.post("\(place)/reject", [:]).status == 409)
        }
    }

    @Test func `let an action rest that cannot be done any more`() async throws {
        try await Running.with { house async throws in
            let task = try await house.post(
                "/api/tasks", ["title": "Dig", "due_date": JSON(Moment.now + .seconds(-20 * 86_400))])
            let id = task.json["id"]?.string ?? ""
            let accepted = try await house.post("/ai/suggestions/time-\(id)/accept", [:])
            let action = try #require(accepted.json["action"])
            #expect(try await house.delete(task["location"] ?? "").status == 204)
            let place = "/ai/actions/\(action["id"]?.string ?? "")"
            let tried = try await house.post("\(place)/approve", ["digest": action["digest"] ?? .null])
            #expect(tried.status == 422, "\(tried.text)")
            #expect(try await house.get(place).json["status"] == "failed")
        }
    }

    @Test func `suggest follow-ups, priorities and times from the sample data, to be accepted`() async throws
    {
        try await Running.with { house async throws in
            _ = try await house.store.planting(in: house.workspace).plant(Seed(1, .small))
            let late = JSON(Moment.now + .seconds(-86_400))
            #expect(try await house.post("/api/tasks", ["title": "Dig", "due_date": late]).status == 201)
            let all = try await house.get("/ai/suggestions").json["suggestions"]?.array ?? []
            for kind in Suggestion.Kind.allCases {
                let suggestion = try #require(
                    all.first { $0["kind"] == JSON(kind) }, "nothing of \(kind.rawValue) in \(all.count)")
                #expect(suggestion["reason"]?.string?.isEmpty == false)
                #expect(suggestion["evidence"]?["tasks"]?.array?.isEmpty == false)
                let id = suggestion["id"]?.string ?? ""
                let accepted = try await house.post("/ai/suggestions/\(id)/accept", [:])
                #expect(accepted.status == 201, "\(accepted.text)")
                let task = suggestion["task_id"]?.string ?? ""
                guard kind != .followUp else {
                    let made = accepted.json["follow_up_id"]?.string ?? ""
                    let followUp = try await house.get("/api/follow-ups/\(made)").json
                    #expect(followUp["task_id"]?.string == task && followUp["status"] == "scheduled")
                    continue
                }
                let action = try #require(accepted.json["action"])
                let done = try await house.post(
                    "/ai/actions/\(action["id"]?.string ?? "")/approve", ["digest": action["digest"] ?? .null]
                )
                #expect(done.json["status"] == "executed", "\(done.text)")
                let row = try await house.get("/api/tasks/\(task)").json
                for change in suggestion["change"]?.members ?? [] {
                    #expect(row[change.name] == change.value)
                }
                let left = try await house.get("/ai/suggestions").json["suggestions"]?.array ?? []
                #expect(!left.contains { $0["id"]?.string == id })
            }
        }
    }

    @Test func `refuse an action whose row was changed, and say what differs`() async throws {
        try await Running.with { house async throws in
            let task = try await house.post(
                "/api/tasks", ["title": "Dig", "due_date": JSON(Moment.now + .seconds(-20 * 86_400))])
            let id = task.json["id"]?.string ?? ""
            let accepted = try await house.post("/ai/suggestions/time-\(id)/accept", [:])
            let action = try #require(accepted.json["action"])
            #expect(action["summary"]?.string?.hasPrefix("Change the task “Dig”: due date from ") == true)
            _ = try await house.send("PUT", task["location"] ?? "", ["title": "Pay"])
            let place = "/ai/actions/\(action["id"]?.string ?? "")"
            let tried = try await house.post("\(place)/approve", ["digest": action["digest"] ?? .null])
            #expect(tried.status == 409 && tried.text.contains("“Dig” is “Pay” now"), "\(tried.text)")
            let rested = try await house.get(place).json
            #expect(rested["status"] == "failed")
            #expect(rested["error"]?.string?.contains("“Dig” is “Pay” now") == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `keep the settings of a workspace`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            #expect(try await house.get("/ai/settings").json["most_tokens"] == 1_024)
            let settings: JSON = [
                "models": [["provider": "openai", "model": "m"]], "day_budget_micro": 5,
                "prices": ["m": ["input": 1, "output": 2]],
            ]
            let kept = try await house.send("PUT", "/ai/settings", settings)
            #expect(kept.status == 200, "\(kept.text)")
            #expect(
                try await house.get("/ai/settings").json["prices"] == ["m": ["input": 1, "output": 2]])
            #expect(
                try await house.send("PUT", "/ai/settings", ["day_budget_micro": .null]).status == 200)
            #expect(try await house.get("/ai/usage").json["day"]?["budget_micro"] == .null)
            for wrong: JSON in [
                ["models": [[:]]], ["prices": ["m": ["input": -1, "output": 1]]], ["most_tokens": 1],
            ] {
                #expect(try await house.send("PUT", "/ai/settings", wrong).status == 422, "\(wrong.text)")
            }
        }
    }
}
