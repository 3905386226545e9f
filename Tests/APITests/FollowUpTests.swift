import Core
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `Follow-ups and their rules` {
    @Test(arguments: Engine.allCases)
    func `are made, read, changed, ended and deleted`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let contact = try await house.post(
                "/api/communications/contacts",
                ["name": "Ada", "emails": ["ada@example.org"], "preferred_channel": "email"])
            let id = contact.json["id"] ?? .null
            let cases: [(String, JSON, JSON)] = [
                ("/api/follow-ups", ["contact_id": id, "body": "Well, {{name}}?"], ["urgent": true]),
                (
                    "/api/follow-up-rules",
                    ["name": "R", "kind": "stale", "after_hours": 0.5, "contact_id": id],
                    ["enabled": false]
                ),
                (
                    "/api/notification-channels", ["name": "Me", "url": "sms://+4930123456"],
                    ["enabled": false]
                ),
                (
                    "/api/notification-escalations", ["name": "E", "steps": [["after_minutes": 5]]],
                    ["repeats": 2]
                ),
            ]
            for (path, given, change) in cases {
                let made = try await house.post(path, given)
                #expect(made.status == 201, "\(made.text)")
                let place = try #require(made["location"])
                let shown = try await house.get(place)
                #expect(shown.json == made.json, "\(shown.text) is not \(made.text)")
                let changed = try await house.send("PUT", place, change)
                #expect(changed.status == 200 && changed.json["version"] == 2, "\(changed.text)")
                #expect(try await house.get(place, key: house.stranger).status == 404)
                #expect(try await house.send("PUT", place, ["nothing": 1]).refusal == "400 /nothing")
                #expect(try await house.delete(place).status == 204)
                #expect(try await house.get(place).status == 404)
            }
            let item = try await house.post("/api/follow-ups", ["contact_id": id])
            let place = try #require(item["location"])
            #expect(
                try await house.ask("POST", "\(place)/cancel", as: .init(key: house.key, type: nil)).json[
                    "status"] == "cancelled")
            #expect(
                try await house.ask("POST", "\(place)/answer", as: .init(key: house.key, type: nil)).status
                    == 409)
            #expect(try await house.send("PUT", place, ["urgent": true]).status == 409)
        }
    }

    @Test func `are refused at the field that is wrong`() async throws {
        try await Running.with { house async throws in
            let cases: [(String, JSON, String)] = [
                ("/api/follow-ups", [:], "422 /user_id"),
                ("/api/follow-ups", ["status": "sent"], "400 /status"),
                ("/api/follow-ups", ["kind": "stale"], "422 /task_id"),
                ("/api/follow-up-rules", ["name": "R", "kind": "manual", "after_hours": 1], "422 /kind"),
                (
                    "/api/follow-up-rules", ["name": "R", "kind": "due", "after_hours": -1],
                    "422 /after_hours"
                ),
                ("/api/notification-channels", ["name": "C", "url": "mailto:x"], "422 /url"),
                ("/api/notification-escalations", ["name": "E", "steps": []], "422 /steps"),
                (
                    "/api/notification-escalations", ["name": "E", "steps": [["after_minutes": "x"]]],
                    "422 /steps/0/after_minutes"
                ),
            ]
            for (path, given, wanted) in cases {
                #expect(try await house.post(path, given).refusal == wanted, "\(given.text)")
            }
        }
    }

    @Test func `share no channel with everybody unless an owner or admin says so`() async throws {
        try await Running.with { house async throws in
            let channel: JSON = ["name": "All", "url": "slack://usual/C1", "shared": true]
            let made = try await house.post("/api/notification-channels", channel)
            #expect(made.status == 201)
            let place = try #require(made["location"])
            #expect(try await house.get(place, key: house.viewer).status == 200)
        }
    }
}
