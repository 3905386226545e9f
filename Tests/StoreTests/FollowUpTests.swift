import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

extension FreshStore {
    fileprivate func task(_ more: [String: JSON] = [:], at now: Moment = .now) async throws -> Item {
        let values: [String: JSON] = ["title": "Write it"]
        return try await ours.rows(.tasks).create(Values(values.merging(more) { $1 }), at: now)
    }

    fileprivate func followUp(_ values: [String: JSON], at now: Moment = .now) async throws -> Item {
        try await ours.rows(.followUps).create(Values(values), at: now)
    }

    fileprivate func followUp(_ id: ID) async throws -> Item { try await ours.rows(.followUps).require(id) }

    fileprivate func ask(_ id: ID, at now: Moment = .now) async throws -> Store.FollowUps.Asking {
        let job = try await followUp(id).job ?? ID()
        return try await ours.followUps.ask(id, by: job, at: now)
    }
}

@Suite struct `A follow-up` {
    @Test(arguments: Engine.allCases)
    func `asks once, by the way that the person prefers`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let task = try await house.task(["assigned_to": "ADA@example.org"])
            let item = try await house.followUp([
                "task_id": JSON(task.id), "body": "Dear {{name}}: {{title}}?",
            ])
            #expect(item["user_id"] == JSON(ada.id) && item["status"] == "scheduled")
            let job = try #require(item.job)
            #expect(try await house.jobs("send_follow_up").map(\.id) == [job])
            let followUps = house.ours.followUps
            let asked = try await followUps.ask(item.id, by: job)
            #expect(try await followUps.ask(item.id, by: job) == .stale)
            let sent = try await house.sent()
            #expect(asked == .asked(sent[0].id) && sent.count == 1)
            #expect(sent[0]["channel"] == "email" && sent[0]["to"] == ["ada@example.org"])
            #expect(sent[0]["body"] == "Dear ada: Write it?" && sent[0]["task_id"] == JSON(task.id))
            #expect(sent[0]["subject"] == "Reminder: Write it")
            #expect(try await house.followUp(item.id)["status"] == "sent")
        }
    }

    @Test(arguments: Engine.allCases)
    func `asks once though eight workers run its job`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let item = try await house.followUp(["user_id": JSON(ada.id)])
            let (store, job) = (house.ours, try #require(item.job))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await store.followUps.ask(item.id, by: job) } }
                try await group.waitForAll()
            }
            #expect(try await house.sent().count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is cancelled at once when its reason is gone`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            func plan(_ kind: String, _ task: Item) async throws -> ID {
                try await house.followUp([
                    "kind": .string(kind), "task_id": JSON(task.id), "user_id": JSON(ada.id),
                ]).id
            }
            let tasks = house.ours.rows(.tasks)
            let due = JSON(Moment.now + .seconds(3_600))
            let one = try await house.task(["due_date": due])
            let all = [
                try await plan("manual", one), try await plan("stale", one), try await plan("due", one),
            ]
            try await tasks.update(one.id, Values(["title": "Other"]), at: .now + .seconds(1))
            #expect(try await all.statuses(house) == ["scheduled", "cancelled", "scheduled"])
            try await tasks.update(one.id, Values(["due_date": JSON(Moment.now + .seconds(7_200))]))
            #expect(try await all.statuses(house) == ["scheduled", "cancelled", "cancelled"])
            try await tasks.update(one.id, Values(["status": "done"]))
            #expect(try await all.statuses(house) == ["cancelled", "cancelled", "cancelled"])
            let two = try await house.task()
            let last = try await plan("manual", two)
            try await tasks.delete(two.id)
            let item = try await house.followUp(last)
            #expect(item["status"] == "cancelled" && item["reason"] == "The task was deleted.")
            #expect(try await house.ask(last) == .stale)
            #expect(try await house.sent().isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `looks again when its time has come`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let task = try await house.task()
            let item = try await house.followUp(["task_id": JSON(task.id), "user_id": JSON(ada.id)])
            // Done behind the back of the shelf, as an import may do it.
            try await house.database.execute(
                "update tasks set status = 'done' where id = $1", [.text(task.id.text)])
            #expect(try await house.ask(item.id) == .ended(.cancelled))
            #expect(try await house.followUp(item.id)["reason"] == "The task is done.")
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits for the end of quiet hours, unless it is urgent`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let night = try #require(Moment("2031-05-04T23:00:00Z"))
            let morning = try #require(Moment("2031-05-05T07:00:00Z"))
            let ada = try await house.settled("ada", quiet: ("22:00", "07:00"))
            let item = try await house.followUp(["user_id": JSON(ada.id)], at: night)
            #expect(item["due_at"] == JSON(morning))
            #expect(try await house.jobs("send_follow_up").map(\.due) == [morning])
            #expect(try await house.ask(item.id, at: night) == .later(morning))
            let again = try #require(try await house.followUp(item.id).job)
            #expect(again != item.job)
            guard case .asked = try await house.ask(item.id, at: morning) else {
                Issue.record("not asked")
                return
            }
            let urgent = try await house.followUp(["user_id": JSON(ada.id), "urgent": true], at: night)
            #expect(urgent["due_at"] == JSON(night))
        }
    }

    @Test(arguments: Engine.allCases)
    func `leaves contacts in peace by their own clock too`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let night = try #require(Moment("2031-05-04T21:00:00Z"))
            let morning = try #require(Moment("2031-05-05T05:00:00Z"))
            let contacts = house.ours.rows(.contacts)
            let ada = try await contacts.create(
                Values([
                    "name": "Ada", "emails": ["ada@example.org"], "time_zone": "Europe/Berlin",
                    "quiet_hours": ["from": "22:00", "to": "07:00"],
                ]))
            let bob = try await contacts.create(Values(["name": "Bob", "emails": ["bob@example.org"]]))
            let calm = try await house.followUp(["contact_id": JSON(ada.id)], at: night)
            #expect(calm["due_at"] == JSON(morning))
            #expect(try await house.ask(calm.id, at: night) == .later(morning))
            for more: [String: JSON] in [
                ["contact_id": JSON(ada.id), "urgent": true], ["contact_id": JSON(bob.id)],
            ] {
                #expect(try await house.followUp(more, at: night)["due_at"] == JSON(night))
            }
            let item = try await house.followUp(
                [
                    "contact_id": JSON(bob.id),
                    "escalation": [["after_minutes": 60, "contact_id": JSON(ada.id)]],
                ], at: night)
            _ = try await house.ask(item.id, at: night)
            #expect(try await house.ask(item.id, at: night + .seconds(3_600)) == .later(morning))
            try await contacts.update(ada.id, Values(["quiet_hours": .null]))
            guard case .asked = try await house.ask(calm.id, at: night) else {
                Issue.record("not asked")
                return
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is escalated until a reply comes`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.settled("ada"), try await house.settled("bob"))
            let contact = try await house.ours.rows(.contacts).create(
                Values([
                    "name": "Eve", "phones": ["+4930123456"], "emails": ["eve@elsewhere.org"],
                    "preferred_channel": "sms",
                ]))
            let steps: JSON = [
                ["after_minutes": 1, "channel": "email"], ["after_minutes": 2, "user_id": JSON(bob.id)],
                ["after_minutes": 3],
            ]
            let item = try await house.followUp(["contact_id": JSON(contact.id), "escalation": steps])
            for _ in 0..<3 { _ = try await house.ask(item.id) }
            let sent = try await house.sent()
            #expect(sent.map { $0["to"] } == [["+4930123456"], ["eve@elsewhere.org"], ["bob@example.org"]])
            let now = try await house.followUp(item.id)
            #expect(now["status"] == "escalated" && now["step"] == 2 && now["due_at"] != .null)
            try await house.deliver(sent[0])
            var away = sent[1].reply
            away["receipt"] = ["automatic": true]
            let machine = away
            try await house.ours.rows(.messages).create(machine)
            #expect(try await house.followUp(item.id)["status"] == "escalated")
            // The first message is answered, though two others were sent since.
            try await house.ours.rows(.messages).create(sent[0].reply)
            #expect(try await house.followUp(item.id)["status"] == "answered")
            #expect(try await house.ask(item.id) == .stale)
            #expect(try await house.sent().count == 3)
            _ = ada
        }
    }

    @Test(arguments: Engine.allCases)
    func `goes on at once when its message cannot be sent, and fails with the last`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let steps: JSON = [["after_minutes": 60]]
            let item = try await house.followUp(["user_id": JSON(ada.id), "escalation": steps])
            for status in ["sent", "failed"] {
                _ = try await house.ask(item.id)
                let message = try #require(try await house.sent().last)
                try await house.ours.messages.failed(
                    message.id, by: try #require(message.job), "No such box.")
                #expect(try await house.followUp(item.id)["status"].string == status)
            }
            #expect(try await house.sent().count == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `within Atom is answered by who acknowledges it`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.member("ada")
            let item = try await house.followUp(["user_id": JSON(ada.id), "body": "Well?"])
            _ = try await house.ask(item.id)
            try await house.deliver(try #require(try await house.sent().first))
            let notification = try #require(try await ada.store.rows(.notifications).list().first)
            #expect(notification["body"] == "Well?")
            _ = try await ada.store.notifications.acknowledge(notification.id)
            #expect(try await house.followUp(item.id)["status"] == "answered")
        }
    }

    @Test(arguments: Engine.allCases)
    func `can be taken back, and changed while it is scheduled`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let rows = house.ours.rows(.followUps)
            let item = try await house.followUp(["user_id": JSON(ada.id)])
            let later = Moment(microseconds: Moment.now.microseconds / 1_000 * 1_000) + .seconds(600)
            let moved = try await rows.update(item.id, Values(["send_at": JSON(later)]))
            #expect(moved["due_at"] == JSON(later) && moved.job != item.job)
            #expect(try await house.ours.followUps.ask(item.id, by: try #require(item.job)) == .stale)
            _ = try await house.ours.followUps.cancel(item.id)
            await refuses(.conflict) { try await house.ours.followUps.cancel(item.id) }
            await refuses(.conflict) { try await rows.update(item.id, Values(["body": "x"])) }
            #expect(try await house.ask(item.id) == .stale)
            let theirs = house.theirs.followUps
            await refuses(.missing) { try await theirs.cancel(item.id) }
        }
    }

    @Test func `is refused where it names nobody, or a text cannot be filled`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let (ada, task) = (try await house.settled("ada"), try await house.task())
            let user = JSON(ada.id)
            let cases: [([String: JSON], String)] = [
                ([:], "/user_id"), (["task_id": JSON(task.id)], "/user_id"),
                (["user_id": JSON(ID())], "/user_id"), (["user_id": user, "kind": "stale"], "/task_id"),
                (["user_id": user, "kind": "no_reply"], "/message_id"),
                (["user_id": user, "body": "{{secret}}"], "/body"),
                (
                    ["user_id": user, "escalation": [["after_minutes": 1, "user_id": JSON(ID())]]],
                    "/escalation/0/user_id"
                ),
                (["user_id": user, "subject": "two\nlines"], "/subject"),
            ]
            for (values, pointer) in cases {
                let found = await failure { try await house.followUp(values) }
                #expect(
                    found?.kind == .invalid && found?.pointer == pointer,
                    "\(values) \(String(describing: found))")
            }
        }
    }
}

extension [ID] {
    fileprivate func statuses(_ house: FreshStore) async throws -> [String] {
        var statuses: [String] = []
        for id in self { statuses.append(try await house.followUp(id).values.text("status") ?? "") }
        return statuses
    }
}
