import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Google Calendar`: GoogleSuite {
    @Test(arguments: Engine.allCases)
    func `brings every event, then only what has changed`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 {
                try await sync.stand.act(Self.put(Self.event("e\(number)", "Event \(number)")))
            }
            #expect(try await sync.read().created == 5)
            let first = try await sync.item(.calendarEvents, "title", "Event 1")
            #expect(first["starts_at"].string == "2026-03-02T08:00:00.000Z")
            #expect(first["time_zone"].string == "Europe/Berlin")
            #expect(first["uid"].string == "e1@google.com")
            try await sync.stand.act(Self.put(Self.event("e1", "Event 1 b", hour: 11)))
            try await sync.stand.act(Self.put(Self.event("e6", "Event 6")))
            try await sync.stand.act(["delete": "e2"])
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [1, 1, 1])
            let titles = try await sync.texts(.calendarEvents, "title")
            #expect(titles == ["Event 1 b", "Event 3", "Event 4", "Event 5", "Event 6"])
            #expect(try await sync.read() == SyncTally())
        }
    }

    @Test func `is read anew when it has forgotten, and what is gone goes here too`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 {
                try await sync.stand.act(Self.put(Self.event("e\(number)", "Event \(number)")))
            }
            try await sync.read()
            let before = try await sync.items(.calendarEvents)
            try await sync.stand.act(["delete": "e4"])
            try await sync.stand.act(["forget": true])
            let news = try await sync.read()
            #expect([news.created, news.updated, news.deleted] == [0, 0, 1])
            let after = try await sync.items(.calendarEvents)
            #expect(after == before.filter { $0.values.text("title") != "Event 4" })
        }
    }

    @Test(arguments: Engine.allCases)
    func `loses and repeats nothing when the process ends before any commit`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...7 {
                try await sync.stand.act(Self.put(Self.event("e\(number)", "Event \(number)")))
            }
            let stumbling = Stumbling(try sync.sync)
            try await sync.read(by: stumbling)
            #expect(stumbling.crashes == 4)
            #expect(try await sync.texts(.calendarEvents, "title") == (1...7).map { "Event \($0)" })
            try await sync.stand.act(Self.put(Self.event("e8", "Event 8")))
            try await sync.stand.act(["delete": "e1"])
            try await sync.read(by: stumbling)
            #expect(try await sync.texts(.calendarEvents, "title") == (2...8).map { "Event \($0)" })
        }
    }

    @Test func `keeps what was changed here until the same field changes there`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.put(Self.event("e1", "Theirs")))
            try await sync.read()
            let id = try #require(try await sync.items(.calendarEvents).first).id
            try await sync.store.rows(.calendarEvents).update(id, Values(["title": "Ours"]))
            try await sync.stand.act(Self.put(Self.event("e1", "Theirs", hour: 12)))
            try await sync.read()
            let kept = try await sync.item(.calendarEvents, "title", "Ours")
            #expect(kept["starts_at"].string == "2026-03-02T11:00:00.000Z")
            try await sync.stand.act(Self.put(Self.event("e1", "Theirs again", hour: 12)))
            try await sync.read()
            #expect(try await sync.texts(.calendarEvents, "title") == ["Theirs again"])
        }
    }

    @Test func `does not bring back what was deleted here`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.put(Self.event("e1", "Unwanted")))
            try await sync.read()
            let id = try #require(try await sync.items(.calendarEvents).first).id
            try await sync.store.rows(.calendarEvents).delete(id)
            try await sync.stand.act(Self.put(Self.event("e1", "Unwanted still")))
            try await sync.stand.act(["forget": true])
            try await sync.read()
            #expect(try await sync.items(.calendarEvents).isEmpty)
        }
    }

    @Test func `is left alone for as long as it says, and then read where it was`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...3 {
                try await sync.stand.act(Self.put(Self.event("e\(number)", "Event \(number)")))
            }
            let run = SyncRun(sync.connection, try sync.sync, sync.house.store)
            _ = try await run.step("primary")
            try await sync.stand.fault([
                "kind": "status", "status": 403, "headers": ["Retry-After": "7"],
                "body": [
                    "error": [
                        "code": 403, "message": "Slow down.",
                        "errors": [["domain": "usageLimits", "reason": "rateLimitExceeded"]],
                    ]
                ],
            ])
            let failure = await #expect(throws: Failure.self) { _ = try await run.step("primary") }
            #expect(failure?.kind == .limited)
            #expect(failure?.retryAfter == .seconds(7))
            try await sync.read()
            #expect(try await sync.texts(.calendarEvents, "title") == (1...3).map { "Event \($0)" })
        }
    }

    @Test func `holds what it cannot take against the event alone`() async throws {
        try await Self.with { sync in
            let endless = JSON.object(
                (Self.event("bad", "Bad").members ?? []) + [
                    .init("recurrence", ["RRULE:FREQ=SOMETIMES"])
                ])
            try await sync.stand.act(Self.put(endless))
            try await sync.stand.act(Self.put(Self.event("good", "Good")))
            let tally = try await sync.read()
            #expect([tally.created, tally.refused] == [1, 1])
            #expect(try await sync.texts(.calendarEvents, "title") == ["Good"])
        }
    }

    @Test func `keeps whole days, and who comes`() async throws {
        try await Self.with { sync in
            let day: JSON = [
                "id": "d1", "summary": "Off", "start": ["date": "2026-03-28"], "end": ["date": "2026-03-30"],
                "transparency": "transparent",
                "attendees": [
                    ["email": "Ada@Example.org", "displayName": "Ada", "responseStatus": "accepted"],
                    ["email": "ada@example.org"], ["email": "no address"],
                ],
            ]
            try await sync.stand.act(Self.put(day))
            try await sync.read()
            let event = try await sync.item(.calendarEvents, "title", "Off")
            #expect(event["all_day"] == true)
            #expect(event["busy"] == false)
            // The clock is put forward in between.
            #expect(event["starts_at"].string == "2026-03-27T23:00:00.000Z")
            #expect(event["ends_at"].string == "2026-03-29T22:00:00.000Z")
            let people = try #require(event["attendees"].array)
            #expect(people.map { $0["email"]?.string } == ["ada@example.org"])
            #expect(people[0]["reply"] == "accepted")
        }
    }

    @Test func `begins anew when the place in an old list is refused`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(["page": 2])
            for number in 1...5 {
                try await sync.stand.act(Self.put(Self.event("e\(number)", "Event \(number)")))
            }
            let run = SyncRun(sync.connection, try sync.sync, sync.house.store)
            _ = try await run.step("primary")
            let refusal: JSON = [
                "kind": "status", "status": 400,
                "body": ["error": ["code": 400, "message": "Invalid page token."]],
            ]
            try await sync.stand.fault(refusal)
            await #expect(throws: Failure.self) { _ = try await run.step("primary") }
            try await sync.stand.fault(refusal)
            let step = try await run.step("primary", at: .now + .seconds(7_200))
            #expect(step.isRestart)
            try await sync.read()
            #expect(try await sync.items(.calendarEvents).count == 5)
        }
    }
}
