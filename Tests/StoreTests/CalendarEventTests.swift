import Calendar
import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A calendar event` {
    @Test(arguments: Engine.allCases)
    func `is kept in one form, with what follows from it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.member("ada")
            let event = try await ada.store.event([
                "starts_at": "2032-01-05T10:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=3",
                "attendees": [["email": "Bob@example.org"]], "reminders": [["minutes_before": 10]],
            ])
            #expect(event["starts_at"] == "2032-01-05T09:00:00.000Z" && event["organizer_id"] == JSON(ada.id))
            #expect(event["uid"] == .string("\(event.id)@atom") && event["overrides"] == [])
            #expect(event["begins_at"] == event["starts_at"])
            #expect(event["ends_by"] == "2032-01-19T10:00:00.000Z")
            #expect(
                event["attendees"] == [
                    ["email": "bob@example.org", "reply": "needs_action", "optional": false]
                ])
            #expect(event["reminders"] == [["minutes_before": 10, "channel": "in_app"]])
            #expect(try await ada.store.rows(.calendarEvents).find(event.id) == event)
            let told = try await house.ours.journal.history(
                Store.Scoped(house.workspace, event.id), noun: "calendar_event")
            #expect(told.map(\.event) == ["calendar:event:created"])
        }
    }

    @Test func `is refused at the field that is wrong`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let cases: [([String: JSON], String)] = [
                (["ends_at": "2032-01-05T09:00:00Z"], "/ends_at"),
                (["ends_at": "2034-01-05T09:00:00Z"], "/ends_at"),
                (["starts_at": "2032-01-05T09:00:00"], "/starts_at"),
                (["rrule": "FREQ=DAILY;FOO=1"], "/rrule"),
                (["time_zone": "Mars/Base"], "/time_zone"), (["all_day": true], "/starts_at"),
                (["exdates": ["2032-01-05T09:00:00Z", "2032-01-05T25:00:00Z"]], "/exdates/1"),
                (["attendees": [["email": "nobody"]]], "/attendees/0/email"),
                (["attendees": [["email": "a@b.org"], ["email": "A@b.org"]]], "/attendees/1/email"),
                (["attendees": [["email": "a@b.org", "reply": "maybe"]]], "/attendees/0/reply"),
                (["attendees": [["email": "a@b.org", "role": "x"]]], "/attendees/0/role"),
                (["attendees": "a@b.org"], "/attendees"),
                (["reminders": [["minutes_before": -1]]], "/reminders/0/minutes_before"),
                (["reminders": [["minutes_before": 5, "channel": "pigeon"]]], "/reminders/0/channel"),
                (["status": "maybe"], "/status"), (["task_id": JSON(ID())], "/task_id"),
            ]
            for (change, pointer) in cases {
                let found = await failure { try await house.ours.event(change) }
                #expect(
                    found?.pointer == pointer && found?.kind == .invalid,
                    "\(change) \(String(describing: found))")
            }
            #expect(try await house.ours.rows(.calendarEvents).list().isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is found by time, words, people and status`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            try await store.event(["rrule": "FREQ=WEEKLY", "attendees": [["email": "bob@example.org"]]])
            try await store.event([
                "title": "Dentist", "starts_at": "2032-01-12T08:00:00Z", "ends_at": "2032-01-12T09:30:00Z",
                "status": "tentative", "location": "Old town",
            ])
            try await store.event([
                "title": "Before", "starts_at": "2031-12-31T08:00:00Z", "ends_at": "2032-01-01T00:00:00Z",
            ])
            try await store.event([
                "title": "Holiday", "starts_at": "2031-12-24T00:00:00Z", "ends_at": "2032-01-02T00:00:00Z",
                "all_day": true,
            ])
            #expect(
                try await store.january() == [
                    "Holiday 24T00:00", "Standup 05T09:00", "Dentist 12T08:00", "Standup 12T09:00",
                    "Standup 19T09:00", "Standup 26T09:00",
                ])
            #expect(try await store.january { $0.search = "old tow" } == ["Dentist 12T08:00"])
            #expect(try await store.january { $0.attendee = "BOB@example.org" }.count == 4)
            #expect(try await store.january { $0.status = "tentative" } == ["Dentist 12T08:00"])
            #expect(try await house.store.scoped(Scope(workspace: house.other)).january() == [])
        }
    }
}

@Suite struct `A change of a calendar event` {
    /// A daily standup of five days, with a scope for edits.
    private static func with(
        _ engine: Engine = .sqlite, _ body: (Store, Item) async throws -> Void
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            try await body(store, try await store.event(["rrule": "FREQ=DAILY;COUNT=5"]))
        }
    }

    @Test(arguments: Engine.allCases) func `is of one instance`(_ engine: Engine) async throws {
        try await Self.with(engine) { store, event in
            let second = try at("2032-01-06T09:00:00Z")
            let part = Store.Calendar.Part(event.id, .this, instance: second)
            let values = Values(["title": "Party", "starts_at": "2032-01-06T18:00:00Z"])
            let changed = try await store.calendar.change(part, values)
            #expect(changed.id == event.id && changed.version == 2)
            _ = try await store.calendar.change(part, Values(["location": "Roof"]))
            #expect(
                try await store.january() == [
                    "Standup 05T09:00", "Party 06T18:00", "Standup 07T09:00", "Standup 08T09:00",
                    "Standup 09T09:00",
                ])
            try await store.calendar.delete(part)
            #expect(try await store.january().count == 4)
            await refuses(.missing) { try await store.calendar.change(part, values) }
            await refuses(.invalid) {
                try await store.calendar.change(.init(event.id, .this), values)
            }
            let third = Store.Calendar.Part(event.id, .this, instance: try at("2032-01-07T09:00:00Z"))
            for field in ["rrule", "time_zone", "reminders", "exdates"] {
                let found = await failure { try await store.calendar.change(third, Values([field: .null])) }
                #expect(found?.pointer == "/\(field)")
            }
        }
    }

    @Test(arguments: Engine.allCases) func `is of one instance and those behind it`(
        _ engine: Engine
    ) async throws {
        try await Self.with(engine) { store, event in
            let fourth = Store.Calendar.Part(event.id, .this, instance: try at("2032-01-08T09:00:00Z"))
            _ = try await store.calendar.change(fourth, Values(["title": "Party"]))
            let third = Store.Calendar.Part(event.id, .following, instance: try at("2032-01-07T09:00:00Z"))
            let rest = try await store.calendar.change(third, Values(["starts_at": "2032-01-07T11:00:00Z"]))
            #expect(rest.id != event.id && rest["rrule"] == "FREQ=DAILY;COUNT=3")
            #expect(rest["ends_at"] == "2032-01-07T12:00:00.000Z" && rest["uid"] != event["uid"])
            #expect(
                try await store.january() == [
                    "Standup 05T09:00", "Standup 06T09:00", "Standup 07T11:00", "Party 08T11:00",
                    "Standup 09T11:00",
                ])
            try await store.calendar.delete(
                .init(rest.id, .following, instance: try at("2032-01-08T11:00:00Z")))
            #expect(try await store.january().count == 3)
            try await store.calendar.delete(.init(event.id, .following, instance: event.series.start))
            #expect(try await store.january() == ["Standup 07T11:00"])
        }
    }

    @Test func `is of all: what is special stays where it still is`() async throws {
        try await Self.with { store, event in
            let second = Store.Calendar.Part(event.id, .this, instance: try at("2032-01-06T09:00:00Z"))
            _ = try await store.calendar.change(second, Values(["title": "Party"]))
            let moved = Values(["starts_at": "2032-01-05T10:00:00Z", "ends_at": "2032-01-05T11:00:00Z"])
            _ = try await store.calendar.change(.init(event.id), moved)
            #expect(try await store.january()[...1] == ["Standup 05T10:00", "Party 06T10:00"])
            _ = try await store.calendar.change(.init(event.id), Values(["rrule": "FREQ=WEEKLY;COUNT=2"]))
            #expect(try await store.january() == ["Standup 05T10:00", "Standup 12T10:00"])
            await refuses(.conflict) {
                try await store.calendar.change(.init(event.id, version: 1), Values(["title": "Stale"]))
            }
        }
    }

    @Test func `is a reply of somebody who is invited`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let store = house.ours
            let event = try await store.event([
                "rrule": "FREQ=DAILY;COUNT=3", "attendees": [["email": "bob@example.org"]],
            ])
            let all = try await store.calendar.reply(.init(event.id), "accepted", by: "BOB@example.org")
            #expect(all["attendees"].array?.first?["reply"] == "accepted")
            let part = Store.Calendar.Part(event.id, .this, instance: try at("2032-01-06T09:00:00Z"))
            let once = try await store.calendar.reply(part, "declined", by: "bob@example.org")
            #expect(once["attendees"] == all["attendees"] && once["overrides"].array?.count == 1)
            await refuses(.invalid) {
                try await store.calendar.reply(part, "accepted", by: "eve@example.org")
            }
            let range = try at("2032-01-05T00:00:00Z")..<at("2032-01-09T00:00:00Z")
            let people = try await store.calendar.people(["bob@example.org"])
            let busy = try await store.calendar.busy(people, in: range)
            #expect(
                busy[0].map(\.lowerBound.text) == ["2032-01-05T09:00:00.000Z", "2032-01-07T09:00:00.000Z"])
        }
    }
}
