import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

/// News of one kind, about one row where it is named.
private func news(
    _ title: String = "Look", _ level: Urgency = .info, about row: ID? = nil
) -> Store.Notifications.News {
    .init(kind: "budget_alert", title: title, body: "At this", subject: row, level: level)
}

extension FreshStore {
    /// Tells one person something; the notifications there are then, newest last.
    fileprivate func tell(
        _ person: ID, _ news: Store.Notifications.News, at now: Moment = .now
    ) async throws -> Item {
        let notifications = ours.notifications
        try await notifications.add(news, to: notifications.readers([person]), at: now)
        let all = try await ours.rows(.notifications).list().sorted { $0.id < $1.id }
        guard let last = all.last(where: { $0.values.id("user_id") == person }) else {
            throw Failure(.missing, "Nobody was told.")
        }
        return last
    }

    fileprivate func channel(_ url: String, _ store: Store? = nil, _ more: [String: JSON] = [:]) async throws
    {
        let values: [String: JSON] = ["name": .string(url), "url": .string(url)]
        try await (store ?? ours).rows(.notificationChannels).create(Values(values.merging(more) { $1 }))
    }
}

@Suite struct `The fan-out of a notification` {
    @Test(arguments: Engine.allCases)
    func `tells every place once, however often its job runs`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let bob = try await house.member("bob")
            _ = try await house.tell(bob.id, news())
            #expect(try await house.jobs("notify").isEmpty)
            try await house.channel("sms://+4930123456", ada.store)
            try await house.channel("tgram://usual/77", ada.store, ["kinds": ["other"]])
            try await house.channel("slack://usual/C1", ada.store, ["min_level": "urgent"])
            try await house.channel("https://hooks.example.org/x", ada.store)
            let item = try await house.tell(ada.id, news())
            let jobs = try await house.jobs("notify")
            #expect(jobs.count == 1)
            for _ in 0..<3 { #expect(try await house.ours.notifications.fanOut(item.id) == 3) }
            let sent = try await house.sent()
            #expect(sent.map { $0["to"] } == [["+4930123456"], ["ada@example.org"]])
            #expect(sent.map { $0["body"] } == ["At this", "At this"])
            #expect(sent[1]["subject"] == "Look" && sent.allSatisfy { $0["status"] == "queued" })
            #expect(try await house.jobs("send_message").map(\.id) == sent.compactMap(\.job))
            #expect(try await house.jobs("deliver_webhook").count == 1)
            #expect(try await house.jobs("send_message").allSatisfy { $0.flow.charges.isEmpty })
            let connection = try await house.ours.rows(.connections).create(
                Values(["provider": "twilio", "name": "T"]))
            let more = try await house.tell(ada.id, news("More"))
            _ = try await house.ours.notifications.fanOut(more.id)
            let charged = try await house.jobs("send_message").flatMap { $0.flow.charges.map(\.key) }
            #expect(charged == ["provider:twilio:\(connection.id)"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is made by two jobs at once, and tells every place once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let item = try await house.tell(ada.id, news())
            let store = house.ours
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await store.notifications.fanOut(item.id) } }
                try await group.waitForAll()
            }
            #expect(try await house.sent().count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits for the end of quiet hours, and then tells all at once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let night = try #require(Moment("2031-05-04T23:00:00Z"))
            let morning = try #require(Moment("2031-05-05T07:00:00Z"))
            let ada = try await house.settled("ada", quiet: ("22:00", "07:00"))
            for title in ["One", "Two", "Three"] {
                let item = try await house.tell(ada.id, news(title), at: night)
                _ = try await house.ours.notifications.fanOut(item.id, at: night)
            }
            #expect(try await house.sent().isEmpty)
            let later = try await house.jobs("notify_later")
            #expect(later.map(\.due) == [morning])
            let urgent = try await house.tell(ada.id, news("Fire", .urgent), at: night)
            _ = try await house.ours.notifications.fanOut(urgent.id, at: night)
            #expect(try await house.sent().map { $0["subject"] } == ["Fire"])
            let read = try await ada.store.rows(.notifications).list().first { $0["title"] == "Two" }
            _ = try await ada.store.notifications.read(try #require(read).id)
            for _ in 0..<2 { try await house.ours.notifications.flush("email:\(ada.id)", at: morning) }
            let sent = try await house.sent()
            #expect(sent.count == 2 && sent[1]["subject"] == "2 notifications")
            #expect(sent[1]["body"] == "- One\n- Three")
        }
    }

    @Test(arguments: Engine.allCases)
    func `groups a storm about one row`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let (now, row) = (Moment.now, ID())
            for number in 0..<30 {
                let time = now + .seconds(number)
                let item = try await house.tell(ada.id, news("No. \(number)", about: row), at: time)
                _ = try await house.ours.notifications.fanOut(item.id, at: time)
            }
            let other = try await house.tell(ada.id, news("Other", about: ID()), at: now)
            _ = try await house.ours.notifications.fanOut(other.id, at: now)
            #expect(try await house.sent().map { $0["subject"] } == ["No. 0", "Other"])
            let later = try #require(try await house.jobs("notify_later").first)
            #expect(try await house.jobs("notify_later").count == 1)
            try await house.ours.notifications.flush("email:\(ada.id)", at: try #require(later.due))
            let digest = try #require(try await house.sent().last)
            #expect(digest["subject"] == "29 notifications")
            #expect(digest.values.text("body")?.hasSuffix("and 9 more") == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `tells a shared channel once for all who are told`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.member("ada", .owner)
            let bob = try await house.member("bob", .admin)
            let eve = try await house.member("eve")
            await refuses(.forbidden) {
                try await house.channel("slack://usual/C1", eve.store, ["shared": true])
            }
            try await house.channel("slack://usual/C1", ada.store, ["shared": true])
            let store = house.ours
            try await store.notifications.add(news(), to: store.notifications.keepers())
            for item in try await store.rows(.notifications).list() {
                _ = try await store.notifications.fanOut(item.id)
            }
            #expect(try await house.sent().map { $0["to"] } == [["C1"]])
            #expect(try await bob.store.rows(.notificationChannels).list().count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `leaves out what was read meanwhile, and channels that are off`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            try await house.channel("sms://+4930123456", ada.store, ["enabled": false])
            let item = try await house.tell(ada.id, news())
            _ = try await ada.store.notifications.read(item.id)
            #expect(try await house.ours.notifications.fanOut(item.id) == 0)
            #expect(try await house.sent().isEmpty)
        }
    }
}

@Suite struct `The escalation of a notification` {
    private func escalation(
        _ house: FreshStore, _ steps: JSON, _ more: [String: JSON] = [:]
    ) async throws -> ID {
        let values: [String: JSON] = ["name": "On call", "steps": steps]
        return try await house.ours.rows(.notificationEscalations)
            .create(Values(values.merging(more) { $1 })).id
    }

    @Test(arguments: Engine.allCases)
    func `goes on until somebody acknowledges it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.settled("ada"), try await house.settled("bob"))
            let id = try await escalation(
                house,
                [["after_minutes": 5, "channel": "email"], ["after_minutes": 10, "user_id": JSON(bob.id)]],
                ["repeats": 1])
            let now = Moment(milliseconds: Moment.now.milliseconds)
            let item = try await house.tell(ada.id, news(), at: now)
            let group = try #require(item.values.id("group_id"))
            var job = try #require(try await house.jobs("escalate_notification").last)
            #expect(job.due == now + .seconds(300))
            let notifications = house.ours.notifications
            #expect(try await notifications.escalate(group, by: id, job: ID()) == .stale)
            #expect(try await notifications.escalate(group, by: id, job: job.id) == .told(1))
            #expect(try await notifications.escalate(group, by: id, job: job.id) == .stale)
            #expect(try await house.sent().map { $0["to"] } == [["ada@example.org"]])
            job = try #require(try await house.jobs("escalate_notification").last)
            #expect(try await notifications.escalate(group, by: id, job: job.id) == .told(1))
            let theirs = try #require(try await bob.store.rows(.notifications).list().first)
            #expect(theirs["title"] == "Look" && theirs["group_id"] == item["group_id"])
            _ = try await bob.store.notifications.acknowledge(theirs.id)
            job = try #require(try await house.jobs("escalate_notification").last)
            #expect(try await notifications.escalate(group, by: id, job: job.id) == .stale)
            let mine = try await ada.store.rows(.notifications).require(item.id)
            #expect(mine["acknowledged_by"] == JSON(bob.id) && mine["read_at"] == .null)
            await refuses(.missing) { try await ada.store.notifications.acknowledge(theirs.id) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends after its last turn, and with a reply to what was sent`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let id = try await escalation(house, [["after_minutes": 1, "channel": "email"]], ["repeats": 2])
            let item = try await house.tell(ada.id, news())
            let group = try #require(item.values.id("group_id"))
            for _ in 0..<3 {
                let job = try #require(try await house.jobs("escalate_notification").last)
                #expect(try await house.ours.notifications.escalate(group, by: id, job: job.id) == .told(1))
            }
            #expect(try await house.jobs("escalate_notification").count == 3)
            #expect(try await house.sent().count == 3)
            let second = try await house.tell(ada.id, news("Again"))
            _ = try await house.ours.notifications.fanOut(second.id)
            let asked = try #require(try await house.sent().last)
            try await house.deliver(asked)
            try await house.ours.rows(.messages).create(asked.reply)
            let answered = try await ada.store.rows(.notifications).require(second.id)
            #expect(answered["acknowledged_at"] != .null)
            let job = try #require(try await house.jobs("escalate_notification").last)
            let newGroup = try #require(second.values.id("group_id"))
            #expect(try await house.ours.notifications.escalate(newGroup, by: id, job: job.id) == .stale)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is for the kinds and levels that it names, and for people who are there`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.member("ada")
            _ = try await escalation(house, [["after_minutes": 1]], ["min_level": "urgent"])
            _ = try await escalation(house, [["after_minutes": 1]], ["enabled": false])
            _ = try await house.tell(ada.id, news())
            #expect(try await house.jobs("escalate_notification").isEmpty)
            _ = try await house.tell(ada.id, news("Now", .urgent))
            #expect(try await house.jobs("escalate_notification").count == 1)
            let found = await failure {
                try await escalation(house, [["after_minutes": 1, "user_id": JSON(ID())]])
            }
            #expect(found?.pointer == "/steps/0/user_id")
        }
    }
}
