import Core
import Store
import TestHouse
import Testing
import Workspace

/// The tasks of a fresh workspace.
struct TaskHouse: Sendable {
    let fresh: FreshStore
    let store: Store

    var tasks: Rows { store.rows(.tasks) }

    static func with(_ engine: Engine, _ body: (TaskHouse) async throws -> Void) async throws {
        try await FreshStore.with(engine) { fresh async throws in
            try await body(
                TaskHouse(fresh: fresh, store: fresh.store.scoped(Scope(workspace: fresh.workspace))))
        }
    }

    func add(_ title: String, _ more: [String: JSON] = [:]) async throws -> Item {
        try await tasks.create(Values(["title": .string(title)].merging(more) { $1 }))
    }

    func change(_ task: Item, _ values: [String: JSON], at now: Moment = .now) async throws -> Item {
        try await tasks.update(task.id, Values(values), at: now)
    }

    /// Where the change of a task is refused.
    func refusal(_ task: Item, _ values: [String: JSON]) async -> String? {
        await failure { try await change(task, values) }?.pointer
    }
}

@Suite struct `A task` {
    @Test(arguments: Engine.allCases)
    func `is found as it was created by whoever looks at all of them`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let first = ProjectTask.sample(house.workspace, "First", at: Moment(milliseconds: 1_000))
            var second = ProjectTask.sample(house.workspace, "Second", at: Moment(milliseconds: 2_000))
            second.dependsOn = [first.id]
            _ = try await house.store.tasks.create([first, second].map { .init($0, key: $0.title) })
            #expect(try await house.store.tasks.all(house.workspace) == [second, first])
            #expect(try await house.store.tasks.all(house.workspace, most: 1) == [second])
            let titles = ["First", "Second", "Third"]
            let found = try await house.store.tasks.find(house.workspace, titled: titles)
            #expect(found == ["First": first.id, "Second": second.id])
            #expect(try await house.store.tasks.all(house.other) == [])
            #expect(try await house.store.tasks.find(house.other, titled: titles) == [:])
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps when it was first begun and when it was done`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let task = try await house.add("Write")
            #expect(task["started_at"] == .null && task["completed_at"] == .null)
            let times = (1...5).map { task.createdAt + .seconds($0) }
            let begun = try await house.change(task, ["status": "in_progress"], at: times[0])
            #expect(begun["started_at"] == JSON(times[0]))
            let done = try await house.change(task, ["status": "done"], at: times[1])
            #expect(done["completed_at"] == JSON(times[1]) && done["started_at"] == JSON(times[0]))
            #expect(
                try await house.change(task, ["title": "W"], at: times[2])["completed_at"] == JSON(times[1]))
            let again = try await house.change(task, ["status": "in_progress"], at: times[3])
            #expect(again["completed_at"] == .null && again["started_at"] == JSON(times[0]))
            #expect(try await house.add("Made", ["status": "done"])["completed_at"] != .null)
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits for others, never in a circle`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let first = try await house.add("One")
            let second = try await house.add("Two", ["depends_on": [JSON(first.id)]])
            let third = try await house.add("Three", ["depends_on": [JSON(second.id)]])
            #expect(second["depends_on"] == [JSON(first.id)])
            #expect(await house.refusal(first, ["depends_on": [JSON(first.id)]]) == "/depends_on")
            #expect(await house.refusal(first, ["depends_on": [JSON(third.id)]]) == "/depends_on")
            #expect(await house.refusal(first, ["depends_on": [JSON(ID())]]) == "/depends_on/0")
            #expect(try await house.tasks.require(first.id) == first)
            let both: JSON = [JSON(second.id), JSON(first.id)]
            let changed = try await house.change(third, ["depends_on": both])
            #expect(changed["depends_on"] == [JSON(first.id), JSON(second.id)] && changed.version == 2)
            #expect(try await house.change(third, ["depends_on": both]).version == 2)
            try await house.tasks.delete(first.id)
            #expect(try await house.tasks.require(third.id)["depends_on"] == [JSON(second.id)])
        }
    }

    @Test(arguments: Engine.allCases)
    func `waits in no circle either when two people tie it at once`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            for _ in 0..<5 {
                let (one, two) = (try await house.add("One"), try await house.add("Two"))
                async let left = failure { try await house.change(one, ["depends_on": [JSON(two.id)]]) }
                async let right = failure { try await house.change(two, ["depends_on": [JSON(one.id)]]) }
                let failures = await [left, right].compactMap { $0 }
                #expect(failures.map(\.pointer) == ["/depends_on"])
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is a part of others, five levels deep and in no circle`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            var chain = [try await house.add("1")]
            for level in 2...5 {
                chain.append(try await house.add("\(level)", ["parent_id": JSON(chain[level - 2].id)]))
            }
            let deep = await failure { try await house.add("6", ["parent_id": JSON(chain[4].id)]) }
            #expect(deep?.pointer == "/parent_id")
            #expect(await house.refusal(chain[0], ["parent_id": JSON(chain[0].id)]) == "/parent_id")
            #expect(await house.refusal(chain[0], ["parent_id": JSON(chain[2].id)]) == "/parent_id")
            let top = try await house.add("0")
            let part = try await house.add("00", ["parent_id": JSON(top.id)])
            #expect(await house.refusal(top, ["parent_id": JSON(top.id)]) == "/parent_id")
            #expect(await house.refusal(top, ["parent_id": JSON(part.id)]) == "/parent_id")
            #expect(await house.refusal(chain[0], ["parent_id": JSON(top.id)]) == "/parent_id")
            let moved = try await house.change(chain[1], ["parent_id": JSON(top.id)])
            #expect(moved["parent_id"] == JSON(top.id))
            try await house.tasks.delete(chain[1].id)
            let freed = try await house.tasks.require(chain[2].id)
            #expect(freed["parent_id"] == .null)
            #expect(try await house.fresh.journal("task", freed.id).last?.changes["parent_id"] != nil)
            #expect(try await house.tasks.require(chain[3].id)["parent_id"] == JSON(chain[2].id))
        }
    }

    @Test(arguments: Engine.allCases)
    func `that recurs makes the next one when it is done, once`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let label = try await house.store.rows(.labels).create(Values(["name": "Home"]))
            let task = try await house.add(
                "Water",
                [
                    "recurrence": "FREQ=WEEKLY;COUNT=3", "time_zone": "Europe/Berlin", "priority": "high",
                    "due_date": "2026-03-22T08:00:00Z", "label_ids": [JSON(label.id)], "assigned_to": "ann",
                ])
            #expect(task["recurs_from"] == task["due_date"] && task["next_task_id"] == .null)
            let done = try await house.change(task, ["status": "done"])
            let next = try await house.tasks.require(try #require(done.values.id("next_task_id")))
            // Nine in the morning in Berlin before and after the clocks change.
            #expect(next["due_date"] == "2026-03-29T07:00:00.000Z" && next["status"] == "todo")
            for name in ["title", "priority", "label_ids", "assigned_to", "recurrence", "recurs_from"] {
                #expect(next[name] == task[name], "\(name)")
            }
            _ = try await house.change(task, ["status": "todo"])
            let again = try await house.change(task, ["status": "done"])
            #expect(again["next_task_id"] == JSON(next.id))
            #expect(try await house.tasks.count(Rows.Query()) == 2)
            let second = try await house.change(next, ["status": "done"])
            let last = try await house.tasks.require(try #require(second.values.id("next_task_id")))
            #expect(try await house.change(last, ["status": "done"])["next_task_id"] == .null)
            #expect(try await house.tasks.count(Rows.Query()) == 3)
        }
    }

    @Test(arguments: Engine.allCases)
    func `recurs by a rule that makes sense, from a due date`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let task = try await house.add("Water", ["due_date": "2026-03-22T08:00:00Z"])
            #expect(await house.refusal(task, ["recurrence": "FREQ=NEVER"]) == "/recurrence")
            #expect(await house.refusal(task, ["recurrence": "every day"]) == "/recurrence")
            #expect(
                await house.refusal(task, ["recurrence": "FREQ=DAILY", "due_date": .null]) == "/due_date")
            let changed = try await house.change(task, ["recurrence": "FREQ=DAILY"])
            #expect(changed["recurs_from"] == task["due_date"])
            let moved = try await house.change(task, ["due_date": "2026-03-23T08:00:00Z"])
            #expect(moved["recurs_from"] == task["due_date"])
            #expect(try await house.change(task, ["recurrence": .null])["recurs_from"] == .null)
        }
    }
}
