import Core
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `The audit log` {
    /// Gives every change its place, as the announcer does.
    private func chain(_ house: Running) async throws {
        while let turn = try await house.store.journal.take("test"), !turn.entries.isEmpty {
            try await house.store.journal.finish(turn.entries, by: "test")
        }
    }

    /// A task that was created, changed and deleted, and another one; the ids.
    private func live(_ house: Running) async throws -> (String, String) {
        let first = try #require(try await house.post("/api/tasks", ["title": "First"]).json["id"]?.string)
        let second = try #require(try await house.post("/api/tasks", ["title": "Second"]).json["id"]?.string)
        _ = try await house.send("PUT", "/api/tasks/\(first)", ["title": "<b>\u{1F600}' or 1=1"])
        #expect(try await house.delete("/api/tasks/\(first)").status == 204)
        try await chain(house)
        return (first, second)
    }

    @Test(arguments: Engine.allCases)
    func `holds every change once, in order, with who did it and in which request`(
        _ engine: Engine
    ) async throws {
        try await Running.with(engine) { house in
            let (first, second) = try await live(house)
            let page = try await house.get("/api/audit?noun=task")
            #expect(page.status == 200)
            let entries = page.json["entries"]?.array ?? []
            let places = entries.compactMap { $0["position"]?.integer }
            let last = try #require(places.first)
            #expect(places == [last, last - 1, last - 2, last - 3])
            #expect(
                entries.compactMap { $0["event"]?.string } == [
                    "task:deleted", "task:updated", "task:created", "task:created",
                ])
            #expect(entries.compactMap { $0["row_id"]?.string } == [first, first, second, first])
            #expect(entries[1]["changes"]?["title"] == ["First", "<b>\u{1F600}' or 1=1"])
            #expect(entries.allSatisfy { $0["actor"]?.string?.hasPrefix("user:") == true })
            #expect(Set(entries.compactMap { $0["request_id"]?.string }).count == 4)
            let next = try await house.get("/api/audit?noun=task&limit=3")
            let cursor = try #require(next.json["next_cursor"]?.string)
            #expect(next["link"]?.contains("rel=\"next\"") == true)
            let rest = try await house.get("/api/audit?noun=task&limit=3&cursor=\(cursor)")
            #expect(rest.json["entries"]?.array?.compactMap { $0["position"]?.integer } == [last - 3])
            #expect(rest.json["next_cursor"] == .null)
        }
    }

    @Test func `is narrowed by row, noun, actor and time`() async throws {
        try await Running.with { house in
            let (first, second) = try await live(house)
            let count = { (query: String) in
                try await house.get("/api/audit?\(query)").json["entries"]?.array?.count
            }
            #expect(try await count("row_id=\(first)") == 3)
            #expect(try await count("noun=task&row_id=\(second)") == 1)
            #expect(try await count("noun=project") == 0)
            #expect(try await count("noun=task&actor=system") == 0)
            #expect(try await count("noun=task&from=2020-01-01T00:00:00Z") == 4)
            #expect(try await count("to=2020-01-01T00:00:00Z") == 0)
            for query in ["row_id=x", "noun=No%20noun", "from=yesterday", "actor=", "limit=0", "odd=1"] {
                #expect(try await house.get("/api/audit?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func `is for owners and admins, each of their own workspace`() async throws {
        try await Running.with { house in
            let (first, _) = try await live(house)
            for path in ["/api/audit", "/api/audit/verify"] {
                #expect(try await house.get(path, key: house.viewer).status == 403)
                #expect(try await house.ask("GET", path, as: .init(type: nil)).status == 401)
            }
            let all = try await house.get("/api/audit", key: house.stranger).json["entries"]?.array ?? []
            #expect(!all.contains { $0["noun"] == "task" })
            let theirs = try await house.get("/api/audit?row_id=\(first)", key: house.stranger)
            #expect(theirs.status == 200 && theirs.json["entries"] == [])
            let length = try await house.get("/api/audit/verify", key: house.stranger).json["length"]
            #expect(length?.integer == Int64(all.count))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is verified from its first entry to its last`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            _ = try await live(house)
            let verdict = try await house.get("/api/audit/verify").json
            #expect(verdict["valid"] == true && verdict["broken_at"] == .null)
            let newest = try await house.get("/api/audit?limit=1").json["entries"]?.array?.first
            #expect(verdict["head"] == newest?["hash"] && verdict["length"] == newest?["position"])
        }
    }
}
