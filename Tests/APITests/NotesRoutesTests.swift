import Core
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `Notes, software and voice commands` {
    @Test(arguments: Engine.allCases)
    func `are made, read, changed and deleted`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            let cases: [(String, JSON, JSON)] = [
                ("/api/notes", ["title": "Plan", "tags": ["x"]], ["pinned": true]),
                (
                    "/api/dev-projects",
                    ["name": "Atom", "repository_url": "https://example.org/atom", "languages": ["Swift"]],
                    ["status": "paused"]
                ),
                (
                    "/api/voice/commands",
                    [
                        "phrase": "Lights on", "action": "light.on",
                        "parameters": [["name": "room", "type": "text"]],
                    ], ["enabled": false]
                ),
            ]
            for (path, given, change) in cases {
                let made = try await house.post(path, given)
                #expect(made.status == 201, "\(made.text)")
                let place = try #require(made["location"])
                #expect(try await house.get(place).json == made.json)
                let changed = try await house.send("PUT", place, change)
                #expect(changed.status == 200 && changed.json["version"] == 2)
                #expect(try await house.get(place, key: house.stranger).status == 404)
                #expect(try await house.send("PUT", place, ["nothing": 1]).refusal == "400 /nothing")
                #expect(try await house.delete(place).status == 204)
                #expect(try await house.get(place).status == 404)
            }
        }
    }

    @Test func `keep a note from others until it is shared`() async throws {
        try await Running.with { house in
            let note = try await house.post("/api/notes", ["title": "Secret"])
            let place = try #require(note["location"])
            #expect(try await house.get(place, key: house.viewer).status == 404)
            #expect(try await house.get("/api/notes", key: house.viewer).json["notes"] == [])
            #expect(try await house.send("PUT", place, ["shared": true]).status == 200)
            #expect(try await house.get(place, key: house.viewer).status == 200)
        }
    }
}

@Suite struct `A notification of one's own` {
    @Test(arguments: Engine.allCases) func `is listed and read, also by a viewer`(engine: Engine) async throws
    {
        try await Running.with(engine) { house in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let users = try await store.users.list(house.workspace)
            let viewer = try #require(users.first { $0.role == .viewer })
            let news = Store.Notifications.News(kind: "test", title: "Look")
            for _ in 0..<3 {
                try await store.notifications.add(news, to: store.notifications.readers([viewer.id]))
            }
            #expect(try await house.get("/api/notifications").json["notifications"] == [])
            let list = try await house.get("/api/notifications?unread=true", key: house.viewer)
            let id = try #require(list.json["notifications"]?.array?.first?["id"]?.string)
            #expect(list.json["notifications"]?.array?.count == 3)
            let manner = Running.Manner(key: house.viewer, type: nil)
            let read = try await house.ask("PUT", "/api/notifications/\(id)/read", as: manner)
            #expect(read.status == 200 && read.json["read_at"] != .null)
            let other = try await house.ask(
                "PUT", "/api/notifications/\(id)/read", as: .init(key: house.key, type: nil))
            #expect(other.status == 404)
            let rest = try await house.ask("POST", "/api/notifications/read-all", as: manner)
            #expect(rest.json == ["read": 2])
            let place = "/api/notifications/\(id)/acknowledge"
            let mine = try await house.ask("POST", place, as: manner)
            #expect(mine.status == 200 && mine.json["acknowledged_by"] == JSON(viewer.id))
            #expect(try await house.ask("POST", place, as: .init(key: house.key, type: nil)).status == 404)
            let unread = try await house.get("/api/notifications?unread=true", key: house.viewer)
            #expect(unread.json["notifications"] == [])
        }
    }
}
