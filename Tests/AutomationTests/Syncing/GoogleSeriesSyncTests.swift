import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Series and channels of Google Calendar`: GoogleSuite {
    private static func weekly(_ id: String) -> JSON {
        .object(
            (event(id, "Weekly").members ?? []) + [
                .init(
                    "recurrence", ["RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE;TZID=Europe/Berlin:20260309T090000"])
            ])
    }

    private static func exception(_ series: String, _ day: String, _ change: [JSON.Member]) -> JSON {
        .object(
            [
                .init("id", .string("\(series)_\(day.filter { $0 != "-" })T080000Z")),
                .init("recurringEventId", .string(series)),
                .init("originalStartTime", ["dateTime": .string("\(day)T09:00:00+01:00")]),
            ] + change)
    }

    @Test(arguments: Engine.allCases)
    func `keeps a series in one row, with its exceptions`(engine: Engine) async throws {
        try await Self.with(on: engine) { sync in
            try await sync.stand.act(["page": 1])
            // The exception comes first, as it may.
            let moved = Self.exception(
                "s1", "2026-03-16",
                [
                    .init("summary", "Moved"), .init("start", ["dateTime": "2026-03-16T14:00:00+01:00"]),
                    .init("end", ["dateTime": "2026-03-16T15:00:00+01:00"]),
                ])
            try await sync.stand.act(Self.put(moved))
            try await sync.stand.act(Self.put(Self.weekly("s1")))
            let off = Self.exception("s1", "2026-03-23", [.init("status", "cancelled")])
            try await sync.stand.act(Self.put(off))
            try await sync.read()
            let series = try #require(try await sync.items(.calendarEvents).first)
            #expect(series["rrule"].string == "FREQ=WEEKLY;COUNT=10")
            #expect(series["exdates"] == ["2026-03-09T08:00:00.000Z"])
            let overrides = try #require(series["overrides"].array)
            #expect(
                overrides.map { $0["recurrence_id"]?.string } == [
                    "2026-03-16T08:00:00.000Z", "2026-03-23T08:00:00.000Z",
                ])
            #expect(overrides[0]["title"] == "Moved")
            #expect(overrides[0]["starts_at"] == "2026-03-16T13:00:00.000Z")
            #expect(overrides[1]["status"] == "cancelled")
            // After a reading of all in which it does not come any more, the exception goes.
            try await sync.stand.act(["delete": "s1_20260316T080000Z"])
            try await sync.read()
            let after = try #require(try await sync.items(.calendarEvents).first)
            #expect(
                after["overrides"].array?.compactMap { $0["status"]?.string } == ["cancelled", "cancelled"])
        }
    }

    @Test func `forgets an exception that a reading of all does not show`() async throws {
        try await Self.with { sync in
            try await sync.stand.act(Self.put(Self.weekly("s1")))
            let off = Self.exception("s1", "2026-03-16", [.init("status", "cancelled")])
            try await sync.stand.act(Self.put(off))
            try await sync.read()
            let before = try #require(try await sync.items(.calendarEvents).first)
            #expect(before["overrides"].array?.count == 1)
            // What is forgotten takes along what was cancelled, so that it takes place again.
            try await sync.stand.act(["forget": true])
            let news = try await sync.read()
            #expect(news.updated == 1)
            let after = try #require(try await sync.items(.calendarEvents).first)
            #expect(after["overrides"] == [])
        }
    }

    @Test func `tells of changes by a channel that is followed by another before it ends`() async throws {
        try await Self.with { sync in
            var tools = sync.tools
            tools.publicURL = "https://atom.example.org/"
            func renew(_ streams: [String] = ["primary"], at now: Moment = .now) async throws {
                try await SyncChannels(sync.connection, tools).renew(streams, at: now)
            }
            try await renew()
            #expect(try await sync.stand.effects("watch").isEmpty)
            _ = try await sync.house.store.hooks.keep(
                .init(
                    workspace: sync.house.workspace, connection: sync.connection.id, id: "hard-to-guess",
                    provider: "google_calendar"))
            _ = try await tools.connections.setCallSecret(
                of: sync.connection.id, to: "a-secret", in: sync.house.workspace)
            for _ in 1...2 { try await renew() }
            let opened = try await sync.stand.effects("watch")
            #expect(opened.count == 1)
            let address = "https://atom.example.org/hooks/google_calendar/hard-to-guess"
            #expect(opened.first?["address"]?.string == address)
            try await renew(at: .now + .seconds(6 * 86_400 + 60))
            #expect(try await sync.stand.effects("watch").count == 2)
            #expect(
                try await sync.stand.effects("stop").compactMap { $0["channel"]?.string }
                    == opened.compactMap { $0["channel"]?.string })
            try await renew([])
            #expect(try await sync.stand.effects("stop").count == 2)
            #expect(try await sync.store.syncChannels.list(sync.connection.id).isEmpty)
        }
    }
}
