import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

extension FreshStore {
    fileprivate func rule(_ kind: String, _ more: [String: JSON] = [:]) async throws -> Item {
        let values: [String: JSON] = [
            "name": "R", "kind": .string(kind), "after_hours": 1, "cooldown_hours": 0,
        ]
        return try await ours.rows(.followUpRules).create(Values(values.merging(more) { $1 }))
    }

    fileprivate func scan(_ rule: ID, at now: Moment = .now) async throws -> Store.FollowUps.Scanning {
        let job = try await ours.rows(.followUpRules).require(rule).values.id("job_id") ?? ID()
        return try await ours.followUps.scan(rule, by: job, at: now)
    }

    fileprivate func made() async throws -> [Item] { try await ours.rows(.followUps).list() }
}

@Suite struct `A rule of follow-ups` {
    private let now = Moment.now
    private func ago(_ minutes: Int) -> Moment { now + .seconds(-60 * minutes) }

    @Test(arguments: Engine.allCases)
    func `finds stale tasks once an episode`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let tasks = house.ours.rows(.tasks)
            let old = try await tasks.create(Values(["title": "Old", "assigned_to": "ada"]), at: ago(90))
            try await tasks.create(Values(["title": "New", "assigned_to": "ada"]), at: ago(30))
            try await tasks.create(
                Values(["title": "Done", "assigned_to": "ada", "status": "done"]), at: ago(90))
            try await tasks.create(Values(["title": "Nobody's"]), at: ago(90))
            try await tasks.create(Values(["title": "Unknown", "assigned_to": "who?"]), at: ago(90))
            let rule = try await house.rule("stale")
            #expect(try await house.scan(rule.id, at: now) == .made(1))
            let item = try #require(try await house.made().first)
            #expect(item["task_id"] == JSON(old.id) && item["user_id"] == JSON(ada.id))
            #expect(item["rule_id"] == JSON(rule.id) && item["kind"] == "stale")
            #expect(try await house.scan(rule.id, at: now) == .made(0))
            try await tasks.update(old.id, Values(["priority": "high"]), at: ago(70))
            #expect(try await house.scan(rule.id, at: now) == .made(1))
            #expect(try await house.made().map { $0["status"] } == ["scheduled", "cancelled"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `looks once though eight workers do`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            _ = try await house.settled("ada")
            for number in 0..<20 {
                try await house.ours.rows(.tasks).create(
                    Values(["title": .string("T\(number)"), "assigned_to": "ada"]), at: ago(90))
            }
            let rule = try await house.rule("stale")
            let (store, job) = (house.ours, try #require(rule.values.id("job_id")))
            let time = now
            let made = try await withThrowingTaskGroup(of: Store.FollowUps.Scanning.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await store.followUps.scan(rule.id, by: job, at: time) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(made.filter { $0 == .made(20) }.count == 1 && made.filter { $0 == .stale }.count == 7)
            #expect(try await house.made().count == 20)
            #expect(try await house.jobs("send_follow_up").count == 20)
            #expect(try await house.jobs("scan_follow_ups").count == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `finds what is due soon, in its project and with its label alone`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let project = try await house.ours.rows(.projects).create(Values(["name": "P"]))
            let label = try await house.ours.rows(.labels).create(Values(["name": "L", "color": "#000000"]))
            let tasks = house.ours.rows(.tasks)
            func add(_ title: String, _ minutes: Int, _ more: [String: JSON] = [:]) async throws {
                let due: [String: JSON] = ["title": .string(title), "due_date": JSON(ago(-minutes))]
                try await tasks.create(Values(due.merging(more) { $1 }))
            }
            try await add("soon", 30)
            try await add("later", 120)
            try await add("overdue", -5)
            try await add("here", 30, ["project_id": JSON(project.id)])
            try await add("marked", 30, ["label_ids": [JSON(label.id)]])
            let everywhere = try await house.rule("due", ["user_id": JSON(ada.id)])
            let here = try await house.rule("due", ["user_id": JSON(ada.id), "project_id": JSON(project.id)])
            let marked = try await house.rule("due", ["user_id": JSON(ada.id), "label_id": JSON(label.id)])
            let mine = try await house.rule("due", ["assigned_to": "ada"])
            #expect(try await house.scan(everywhere.id, at: now) == .made(3))
            #expect(try await house.scan(here.id, at: now) == .made(1))
            #expect(try await house.scan(marked.id, at: now) == .made(1))
            #expect(try await house.scan(mine.id, at: now) == .made(0))
        }
    }

    @Test(arguments: Engine.allCases)
    func `finds messages without a reply, and none of its own`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let rows = house.ours.rows(.messages)
            func write(_ name: String, _ minutes: Int) async throws -> Item {
                try await house.ours.rows(.contacts).create(
                    Values(["name": .string(name), "emails": [.string("\(name)@example.org")]]))
                return try await rows.create(
                    Values([
                        "channel": "email", "direction": "out", "to": [.string("\(name)@example.org")],
                        "subject": "Offer", "body": "x", "sent_at": JSON(ago(minutes)),
                    ]))
            }
            let open = try await write("eve", 90)
            _ = try await write("new", 30)
            let answered = try await write("bob", 90)
            try await rows.create(answered.reply)
            let rule = try await house.rule("no_reply")
            #expect(try await house.scan(rule.id, at: now) == .made(1))
            let item = try #require(try await house.made().first)
            #expect(item["message_id"] == JSON(open.id) && item["contact_id"] == open["contact_id"])
            _ = try await house.ours.followUps.ask(item.id, by: try #require(item.job))
            let asked = try #require(try await house.sent().last)
            #expect(asked["subject"] == "Any news: Offer" && asked["thread_id"] != .null)
            try await house.deliver(asked)
            #expect(try await house.scan(rule.id, at: now + .seconds(1_200)) == .made(0))
            try await rows.create(open.reply)
            #expect(try await house.ours.rows(.followUps).require(item.id)["status"] == "answered")
        }
    }

    @Test(arguments: Engine.allCases)
    func `rests for its cooldown, and while it is off`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let tasks = house.ours.rows(.tasks)
            let task = try await tasks.create(Values(["title": "Old"]), at: ago(600))
            let rule = try await house.rule("stale", ["user_id": JSON(ada.id), "cooldown_hours": 4])
            #expect(try await house.scan(rule.id, at: ago(400)) == .made(1))
            try await tasks.update(task.id, Values(["title": "Other"]), at: ago(390))
            #expect(try await house.scan(rule.id, at: ago(300)) == .made(0))
            #expect(try await house.scan(rule.id, at: ago(100)) == .made(1))
            let rules = house.ours.rows(.followUpRules)
            let job = try #require(try await rules.require(rule.id).values.id("job_id"))
            try await rules.update(rule.id, Values(["enabled": false]))
            #expect(try await house.ours.followUps.scan(rule.id, by: job) == .stale)
            #expect(try await rules.require(rule.id)["next_scan_at"] == .null)
            let on = try await rules.update(rule.id, Values(["enabled": true]))
            #expect(on["job_id"] != .null && on["job_id"] != JSON(job))
        }
    }

    @Test(arguments: Engine.allCases)
    func `makes one follow-up an episode where it has no cooldown, and the table takes no other`(
        _ engine: Engine
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let ada = try await house.settled("ada")
            let task = try await house.ours.rows(.tasks).create(Values(["title": "Old"]), at: ago(600))
            let rule = try await house.rule("stale", ["user_id": JSON(ada.id), "cooldown_hours": 0])
            #expect(try await house.scan(rule.id, at: ago(400)) == .made(1))
            #expect(try await house.scan(rule.id, at: ago(300)) == .made(0))
            let first = try #require(try await house.made().first)
            _ = try await house.ours.followUps.cancel(first.id)
            #expect(try await house.scan(rule.id, at: ago(200)) == .made(0))
            let copy = Values(
                Dictionary(
                    uniqueKeysWithValues: ["kind", "rule_id", "task_id", "user_id", "basis", "episode"].map {
                        ($0, first[$0])
                    }))
            let failure = await #expect(throws: Failure.self) {
                try await house.ours.rows(.followUps).create(copy)
            }
            #expect(failure?.kind == .conflict)
            try await house.ours.rows(.tasks).update(task.id, Values(["title": "Other"]), at: ago(190))
            #expect(try await house.scan(rule.id, at: ago(100)) == .made(1))
            #expect(try await house.made().filter { $0["status"] == "scheduled" }.count == 1)
        }
    }

    @Test func `goes on after its job has given up`() async throws {
        try await FreshStore.with(.sqlite) { house async throws in
            let rule = try await house.rule("stale")
            let job = try #require(rule.values.id("job_id"))
            try await house.ours.followUps.goOn(rule.id, by: job)
            #expect(try await house.jobs("scan_follow_ups").count == 2)
            #expect(try await house.scan(rule.id) == .made(0))
        }
    }
}
