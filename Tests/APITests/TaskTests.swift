import Automation
import Core
import Curl
import Foundation
import TestHouse
import Testing

@testable import API

extension Running {
    /// The id of a row that is made by a POST.
    fileprivate func made(_ path: String, _ json: JSON) async throws -> JSON {
        let answer = try await post(path, json)
        #expect(answer.status == 201, "\(answer.text)")
        return answer.json["id"] ?? .null
    }

    /// The titles that a list of tasks shows.
    fileprivate func titles(_ query: String) async throws -> String {
        let answer = try await get("/api/tasks?\(query)")
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return (answer.json["tasks"]?.array ?? []).compactMap { $0["title"]?.string }.joined()
    }
}

@Suite struct `The tasks` {
    @Test(arguments: Engine.allCases)
    func `are found by words, labels and parents, in each order`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let label = try await house.made("/api/labels", ["name": "Red & Blue", "color": "#ff0000"])
            let top = try await house.made("/api/tasks", ["title": "A", "priority": "low"])
            _ = try await house.made(
                "/api/tasks",
                [
                    "title": "B", "priority": "high", "label_ids": [label], "parent_id": top,
                    "description": "The Überfällig one", "due_date": "2030-01-02T00:00:00Z",
                ])
            _ = try await house.made("/api/tasks", ["title": "C", "due_date": "2030-01-01T00:00:00Z"])
            let name = "Red%20%26%20blue"
            let cases = [
                ("label=\(label.string ?? "")", "B"), ("label=\(name)", "B"), ("label=none", ""),
                ("parent_id=\(top.string ?? "")", "B"), ("q=uberf", "B"), ("q=nothing", ""),
                ("sort=priority", "ACB"), ("sort=-priority", "BCA"), ("sort=due_date", "CBA"),
                ("sort=-due_date", "BCA"), ("sort=created_at", "ABC"), ("sort=title", "ABC"),
                ("due_after=2030-01-02T00:00:00Z", "B"), ("due_before=2030-01-02T00:00:00Z", "C"),
                ("priority=high&label=\(name)&q=b", "B"),
            ]
            for (query, titles) in cases { #expect(try await house.titles(query) == titles, "\(query)") }
            for query in ["sort=color", "priority=urgent", "parent_id=x", "due_before=soon", "what=1"] {
                #expect(try await house.get("/api/tasks?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `change together or not at all`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let one = try await house.made("/api/tasks", ["title": "A"])
            let two = try await house.made("/api/tasks", ["title": "B", "depends_on": [one]])
            let strange: JSON = .string(ID().text)
            let done = try await house.post(
                "/api/tasks/bulk", ["ids": [one, two], "changes": ["status": "done"]])
            #expect(done.status == 200 && done.json["ids"] == [one, two])
            #expect(try await house.titles("status=done") == "BA")
            let refused = try await house.post(
                "/api/tasks/bulk",
                ["ids": [one, two, strange], "changes": ["depends_on": [one], "status": "todo"]])
            #expect(refused.status == 422)
            let errors = refused.json["errors"]?.array ?? []
            #expect(errors.map { $0["id"] } == [one, strange])
            #expect(errors.first?["pointer"] == "/changes/depends_on")
            #expect(try await house.titles("status=done") == "BA")
            let cases: [(JSON, String)] = [
                (["ids": [], "delete": true], "422 /ids"),
                (["ids": [one, one], "delete": true], "422 /ids/1"),
                (["ids": [one]], "422 /changes"), (["ids": [one], "changes": ["x": 1]], "400 /x"),
                (["ids": [one], "changes": [:], "delete": true], "422 /changes"),
            ]
            for (json, refusal) in cases {
                #expect(try await house.post("/api/tasks/bulk", json).refusal == refusal, "\(json.text)")
            }
            let gone = try await house.post("/api/tasks/bulk", ["ids": [one, two], "delete": true])
            #expect(gone.json["deleted"] == true)
            #expect(try await house.titles("") == "")
        }
    }

    @Test func `are counted`() async throws {
        try await Running.with { house in
            _ = try await house.made("/api/tasks", ["title": "A", "due_date": "2020-01-01T00:00:00Z"])
            _ = try await house.made("/api/tasks", ["title": "B", "status": "done", "assigned_to": "ann"])
            let stats = try await house.get("/api/tasks/stats").json
            #expect(stats["total"] == 2 && stats["overdue"] == 1 && stats["due_in_7_days"] == 0)
            #expect(stats["by_status"] == ["done": 1, "todo": 1])
            #expect(stats["by_person"]?.array?.count == 2)
            let none = try await house.get("/api/tasks/stats?project_id=\(ID())").json
            #expect(none["total"] == 0)
            #expect(try await house.get("/api/tasks/stats", key: house.stranger).json["total"] == 0)
        }
    }

    @Test func `are exported without formulas`() async throws {
        try await Running.with { house in
            _ = try await house.made("/api/tasks", ["title": "=HYPERLINK(\"x\")", "description": "a,\nb"])
            _ = try await house.made("/api/tasks", ["title": "Plain", "status": "done"])
            let csv = try await house.get("/api/tasks/export?sort=created_at")
            #expect(csv["content-type"] == "text/csv; charset=utf-8")
            #expect(csv["content-disposition"] == "attachment; filename=\"tasks.csv\"")
            #expect(csv.text.hasPrefix("id,title,description,status,"))
            #expect(csv.text.contains(",\"'=HYPERLINK(\"\"x\"\")\",\"a,\nb\",todo,"))
            #expect(csv.text.split(separator: "\r\n").count == 3)
            let json = try await house.get("/api/tasks/export?format=json&status=done").json
            #expect(json["tasks"]?.array?.compactMap { $0["title"]?.string } == ["Plain"])
        }
    }

    @Test func `are imported from JSON by a job`() async throws {
        try await Running.with { house in
            let answer = try await house.post("/api/tasks/import", [["title": "A"]])
            #expect(answer.status == 202, "\(answer.text)")
            let strange = try await house.ask(
                "POST", "/api/tasks/import", .bytes([1]), as: .init(key: house.key, type: "image/png"))
            #expect(strange.status == 415)
        }
    }

    @Test func `tell their history`() async throws {
        try await Running.with { house in
            let path = try #require(try await house.post("/api/tasks", ["title": "A"])["location"])
            _ = try await house.send("PUT", path, ["title": "B"])
            let changes = try await house.get("\(path)/history").json["changes"]?.array ?? []
            #expect(changes.compactMap { $0["action"]?.string } == ["updated", "created"])
            #expect(changes.first?["changes"] == ["title": ["A", "B"]])
            #expect(changes.first?["actor"]?.string?.hasPrefix("user:") == true)
            #expect(try await house.delete(path).status == 204)
            #expect(try await house.get("\(path)/history").json["changes"]?.array?.count == 3)
            #expect(try await house.get("\(path)/history", key: house.stranger).status == 404)
        }
    }

    @Test func `have time entries`() async throws {
        try await Running.with { house in
            let path = try #require(try await house.post("/api/tasks", ["title": "A"])["location"])
            let made = try await house.post("\(path)/time-entries", ["minutes": 45, "note": "dug"])
            #expect(made.status == 201 && made.json["user_id"]?.string != nil)
            #expect(try await house.get(path).json["time_spent"]?.double == 0.75)
            let list = try await house.get("\(path)/time-entries").json["time_entries"]?.array
            #expect(list?.count == 1)
            let entry = try #require(made["location"])
            #expect(try await house.send("PUT", entry, ["minutes": 60]).status == 200)
            #expect(try await house.get(path).json["time_spent"]?.double == 1)
            #expect(try await house.send("PUT", path, ["time_spent": 9]).refusal == "422 /time_spent")
            #expect(try await house.post("\(path)/time-entries", ["minutes": 0]).refusal == "422 /minutes")
            #expect(try await house.delete(entry).status == 204)
            #expect(try await house.get(path).json["time_spent"] == .null)
            let nowhere = "/api/tasks/\(ID())/time-entries"
            #expect(try await house.get(nowhere).status == 404)
            #expect(try await house.post(nowhere, ["minutes": 1]).status == 404)
        }
    }

    @Test func `have files, typed by their content`() async throws {
        try await Running.with { house in
            let path = try #require(try await house.post("/api/tasks", ["title": "A"])["location"])
            let html = Array("<script>alert(1)</script>".utf8)
            let made = try await house.ask(
                "POST", "\(path)/attachments?name=p%C3%A4ge%22.png", .bytes(html),
                as: .init(key: house.key, type: "image/png"))
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["type"] == "text/plain" && made.json["bytes"] == 25)
            #expect(made.json["name"] == "päge\".png")
            let file = try #require(made["location"])
            let content = try await house.get("\(file)/content")
            #expect(content.body == html && content["content-type"] == "text/plain")
            #expect(content["x-content-type-options"] == "nosniff")
            #expect(content["content-disposition"] == "attachment; filename*=UTF-8''p%C3%A4ge%22.png")
            #expect(try await house.get("\(file)/content", key: house.stranger).status == 404)
            #expect(try await house.get("\(path)/attachments").json["attachments"]?.array?.count == 1)
            let folder = "\(house.uploads.folder)/attachments/\(house.workspace)"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            #expect(try await house.delete(path).status == 204)
            #expect(try await house.get("\(file)/content").status == 404)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test func `refuse a file that is too large, and keep nothing of it`() async throws {
        try await Running.with { house in
            let path = try #require(try await house.post("/api/tasks", ["title": "A"])["location"])
            let large = [UInt8](repeating: 0, count: Routes.Attachments.mostBytes + 1)
            let answer = try await house.ask(
                "POST", "\(path)/attachments", .bytes(large),
                as: .init(key: house.key, type: "application/octet-stream"))
            #expect(answer.status == 413)
            #expect(try await house.get("\(path)/attachments").json["attachments"] == [])
        }
    }
}

@Suite struct `A label` {
    @Test(arguments: Engine.allCases)
    func `has a name that no other has`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post("/api/labels", ["name": "Urgent", "color": "#FF0000"])
            #expect(made.status == 201 && made.json["color"] == "#FF0000")
            #expect(try await house.post("/api/labels", ["name": "urgent"]).refusal == "409 /name")
            let other = try await house.post("/api/labels", ["name": "Other"])
            let path = try #require(other["location"])
            let tag = try #require(other["etag"])
            let taken = try await house.send("PUT", path, ["name": "URGENT"], ["If-Match": tag])
            #expect(taken.refusal == "409 /name")
            let cases: [(JSON, String)] = [
                (["name": "x", "color": "red"], "422 /color"), (["name": ""], "422 /name"),
                (["name": "x", "colour": "#000000"], "400 /colour"),
            ]
            for (json, refusal) in cases {
                #expect(try await house.post("/api/labels", json).refusal == refusal, "\(json.text)")
            }
            #expect(try await house.get("/api/labels?sort=name").json["labels"]?.array?.count == 2)
            let theirs = try await house.ask(
                "POST", "/api/labels", .bytes(JSON.object([.init("name", "Urgent")]).bytes),
                as: .init(key: house.stranger))
            #expect(theirs.status == 201)
        }
    }
}

@Suite struct `A comment` {
    @Test(arguments: Engine.allCases)
    func `is listed by its task, with who wrote it`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let task = try await house.made("/api/tasks", ["title": "A"])
            let other = try await house.made("/api/tasks", ["title": "B"])
            let made = try await house.post(
                "/api/comments", ["task_id": task, "content": "Hello <b>you</b>"])
            #expect(made.status == 201 && made.json["author"]?.string == "Somebody")
            #expect(made.json["content"] == "Hello <b>you</b>" && made.json["mentions"] == [])
            _ = try await house.made("/api/comments", ["task_id": other, "content": "There"])
            let list = try await house.get("/api/comments?task_id=\(task.string ?? "")").json["comments"]
            #expect(list == [made.json])
            #expect(try await house.get("/api/comments?q=there").json["comments"]?.array?.count == 1)
            let cases: [(JSON, String)] = [
                (["task_id": task], "422 /content"), (["content": "x"], "422 /task_id"),
                (["task_id": .string(ID().text), "content": "x"], "422 /task_id"),
                (["task_id": task, "content": "x", "author": "me"], "400 /author"),
                (
                    ["task_id": task, "content": .string(String(repeating: "x", count: 20_001))],
                    "422 /content"
                ),
            ]
            for (json, refusal) in cases {
                #expect(try await house.post("/api/comments", json).refusal == refusal, "\(json.text)")
            }
        }
    }
}
