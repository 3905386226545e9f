import Calendar
import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

extension FreshStore {
    /// The jobs that are promised, by their names, each with its id and when it is due.
    fileprivate func promised(_ name: String) async throws -> [(id: ID, due: Moment?)] {
        try await store.outbox.unpushed(before: .now + .seconds(60), limit: 100)
            .map { try Envelope($0.envelope) }.filter { $0.name == name }.map { ($0.id, $0.due) }
    }
}

@Suite struct `A reminder of an event` {
    @Test(arguments: Engine.allCases)
    func `is told once, and the next is planned`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.member("ada"), try await house.member("bob"))
            let start = Moment(microseconds: (Moment.now.microseconds / 1_000_000 + 7_200) * 1_000_000)
            let event = try await ada.store.event([
                "starts_at": JSON(start), "ends_at": JSON(start + .seconds(60)),
                "rrule": "FREQ=DAILY;COUNT=2",
                "attendees": [["email": "bob@example.org"], ["email": "eve@elsewhere.org"]],
                "reminders": [["minutes_before": 30], ["minutes_before": 60, "channel": "email"]],
            ])
            let first = try #require(try await house.promised("remind_of_event").first)
            let due = start + .seconds(-3_600)
            #expect(first.due == due)
            let told = try await house.ours.calendar.remind(event.id, by: first.id, at: due)
            #expect(told == .told(1))
            #expect(try await house.promised("send_email").count == 3)
            #expect(try await bob.store.rows(.notifications).list().isEmpty)
            #expect(try await house.ours.calendar.remind(event.id, by: first.id, at: due) == .stale)
            let second = try #require(try await house.promised("remind_of_event").last)
            #expect(second.due == start + .seconds(-1_800))
            _ = try await house.ours.calendar.remind(event.id, by: second.id, at: try #require(second.due))
            for person in [ada, bob] {
                let news = try await person.store.rows(.notifications).list()
                #expect(
                    news.map { $0["kind"] } == ["event_reminder"] && news[0]["subject_id"] == JSON(event.id))
            }
            let third = try #require(try await house.promised("remind_of_event").last)
            #expect(third.due == due + .seconds(86_400))
        }
    }

    @Test func `is planned anew by every change, and the old job does nothing`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let store = house.ours
            let event = try await store.event(["reminders": [["minutes_before": 5]]])
            let first = try #require(try await house.promised("remind_of_event").first)
            #expect(try #require(first.due) < Moment.now + .seconds(301 * 86_400))
            try await store.rows(.calendarEvents).update(event.id, Values(["title": "Later"]))
            #expect(try await store.calendar.remind(event.id, by: first.id) == .stale)
            let second = try #require(try await house.promised("remind_of_event").last)
            // The event is years away: until then a job only plans the next one.
            #expect(try await store.calendar.remind(event.id, by: second.id) == .told(0))
            let third = try #require(try await house.promised("remind_of_event").last)
            #expect(Set([first.id, second.id, third.id]).count == 3)
            try await store.rows(.calendarEvents).delete(event.id)
            #expect(try await store.calendar.remind(event.id, by: third.id) == .stale)
        }
    }
}

@Suite struct `A conflict of events` {
    @Test(arguments: Engine.allCases)
    func `is told for busy times of the same people`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.member("ada"), try await house.member("bob"))
            let soon = Moment(microseconds: (Moment.now.microseconds / 1_000_000 + 86_400) * 1_000_000)
            func make(_ store: Store, _ title: String, _ more: [String: JSON] = [:]) async throws -> Item {
                let times: [String: JSON] = [
                    "title": .string(title), "starts_at": JSON(soon), "ends_at": JSON(soon + .seconds(3_600)),
                ]
                return try await store.event(times.merging(more) { $1 })
            }
            let daily = try await make(ada.store, "Daily", ["rrule": "FREQ=DAILY;COUNT=5"])
            _ = try await make(bob.store, "Bob alone")
            _ = try await make(ada.store, "Free", ["busy": false])
            _ = try await make(ada.store, "Off", ["status": "cancelled"])
            let guest: JSON = [["email": "ada@example.org"]]
            let invited = try await make(bob.store, "Invited", ["attendees": guest])
            let declined: JSON = [["email": "ada@example.org", "reply": "declined"]]
            _ = try await make(bob.store, "Declined", ["attendees": declined])
            let found = try await house.ours.calendar.conflicts(of: daily)
            #expect(found.map { $0["title"] } == ["Invited"])
            let back = try await house.ours.calendar.conflicts(of: invited).map { $0["title"].string ?? "" }
            #expect(Set(back) == ["Daily", "Bob alone", "Declined"])
            let often: [String: JSON] = ["ends_at": JSON(soon + .seconds(60)), "rrule": "FREQ=MINUTELY"]
            _ = try await make(ada.store, "Often", often)
            #expect(try await house.ours.calendar.conflicts(of: daily).map { $0["title"] }.contains("Often"))
        }
    }
}

@Suite struct `A calendar as a file` {
    @Test(arguments: Engine.allCases)
    func `comes back as it went out, and changes what is known`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.ours
            let event = try await store.event([
                "time_zone": "Europe/Berlin", "rrule": "FREQ=DAILY;COUNT=5", "description": "a,b;c\nd",
                "attendees": [["email": "bob@example.org", "name": "Bob"]], "color": "#1f6feb",
                "reminders": [["minutes_before": 10, "channel": "email"]],
            ])
            let part = Store.Calendar.Part(event.id, .this, instance: try at("2032-01-06T09:00:00Z"))
            _ = try await store.calendar.change(part, Values(["title": "Party"]))
            try await store.calendar.delete(
                .init(event.id, .this, instance: try at("2032-01-07T09:00:00Z")))
            try await store.event([
                "title": "Days", "starts_at": "2032-01-05T00:00:00Z", "ends_at": "2032-01-07T00:00:00Z",
                "all_day": true,
            ])
            let file = try await store.calendar.file(name: "Ours")
            let again = try await store.calendar.take(file, zone: .utc)
            #expect((again.created, again.updated, again.unchanged, again.refused.count) == (0, 0, 2, 0))
            let other = house.store.scoped(Scope(workspace: house.other))
            let taken = try await other.calendar.take(file, zone: .utc)
            #expect((taken.created, taken.refused.count) == (2, 0))
            #expect(try await other.january() == store.january())
            let copies = try await other.rows(.calendarEvents).list().reversed()
            for (mine, theirs) in zip(try await store.rows(.calendarEvents).list().reversed(), copies) {
                for name in mine.values.names where name != "organizer_id" {
                    #expect(mine[name] == theirs[name], "\(name)")
                }
            }
            let changed = String(decoding: file, as: UTF8.self).replacing(
                "SUMMARY:Days", with: "SUMMARY:Weeks")
            let intake = try await store.calendar.take(Array(changed.utf8), zone: .utc)
            #expect((intake.updated, intake.unchanged) == (1, 1))
        }
    }

    @Test(arguments: Engine.allCases) func `is read by the secret of a feed`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.member("ada")
            let (feed, secret) = try await ada.store.feeds.create(house.workspace, user: ada.id, name: "Mine")
            #expect(secret.count == 43)
            #expect(try await house.store.feeds.find(secret: secret) == feed)
            #expect(try await house.store.feeds.find(secret: "x") == nil)
            #expect(try await ada.store.feeds.list(house.workspace) == [feed])
            await refuses(.missing) { try await house.store.feeds.delete(house.other, feed.id) }
            try await ada.store.feeds.delete(house.workspace, feed.id)
            #expect(try await house.store.feeds.find(secret: secret) == nil)
        }
    }
}
