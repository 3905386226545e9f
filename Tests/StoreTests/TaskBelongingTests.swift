import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `What belongs to a task` {
    @Test(arguments: Engine.allCases)
    func `are labels, which have names of their own`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let labels = house.store.rows(.labels)
            let red = try await labels.create(Values(["name": "Größe M", "color": "#ff0000"]))
            let blue = try await labels.create(Values(["name": "blue"]))
            let twice = await failure { try await labels.create(Values(["name": "GRÖSSE m"])) }
            #expect(twice == nil)
            for name in ["größe m", "GRÖßE  M"] {
                let failure = await failure { try await labels.create(Values(["name": .string(name)])) }
                #expect(failure?.kind == .conflict && failure?.pointer == "/name", "\(name)")
            }
            let renamed = await failure { try await labels.update(blue.id, Values(["name": "größe M"])) }
            #expect(renamed?.kind == .conflict)
            #expect(try await labels.update(red.id, Values(["name": "GRÖßE M"])).version == 2)
            let task = try await house.add("Paint", ["label_ids": [JSON(red.id), JSON(blue.id)]])
            _ = try await house.add("Other", ["label_ids": [JSON(blue.id)]])
            for (text, count) in [("größe m", 1), (red.id.text, 1), ("BLUE", 2), ("none", 0)] {
                var query = Rows.Query()
                query.conditions = [.label(text)]
                #expect(try await house.tasks.list(query).count == count, "\(text)")
            }
            let changed = try await house.change(task, ["label_ids": [JSON(blue.id)]])
            #expect(changed["label_ids"] == [JSON(blue.id)])
            #expect(
                try await house.fresh.journal("task", task.id).last?.changes["label_ids"]
                    == [[JSON(red.id), JSON(blue.id)], [JSON(blue.id)]])
            try await labels.delete(blue.id)
            #expect(try await house.tasks.require(task.id)["label_ids"] == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `stays where it is only about the task, and what is private stays so`(
        _ engine: Engine
    ) async throws {
        try await TaskHouse.with(engine) { house in
            let ann = try await house.fresh.newcomer("ann")
            let notes = house.fresh.store(of: ann).rows(.notes)
            let task = try await house.add("Short-lived")
            let note = try await notes.create(Values(["title": "Mine", "task_id": JSON(task.id)]))
            try await house.tasks.delete(task.id)
            #expect(try await notes.require(note.id)["task_id"] == .null)
            let entry = try await house.fresh.journal("note", note.id).last
            #expect(entry?.action == .updated && entry?.audience == ann)
        }
    }

    @Test(arguments: Engine.allCases)
    func `are comments, which their authors and those who look after all change`(
        _ engine: Engine
    ) async throws {
        try await TaskHouse.with(engine) { house in
            let (ann, bo) = (try await house.fresh.newcomer("ann"), try await house.fresh.newcomer("bo"))
            let keeper = try await house.fresh.newcomer("cy", .admin)
            let task = try await house.add("Talk")
            let rows = { (user: ID) in house.fresh.store(of: user).rows(.comments) }
            let comment = try await rows(ann).create(
                Values(["task_id": JSON(task.id), "content": "See @bo and @ann"]))
            #expect(comment["author_id"] == JSON(ann) && comment["author"] == "ann")
            #expect(comment["mentions"] == [JSON(bo), JSON(ann)])
            await refuses(.forbidden) { try await rows(bo).update(comment.id, Values(["content": "x"])) }
            await refuses(.forbidden) { try await rows(bo).delete(comment.id) }
            let moved = await failure {
                try await rows(ann).update(comment.id, Values(["task_id": JSON(ID())]))
            }
            #expect(moved?.pointer == "/task_id")
            let changed = try await rows(keeper).update(comment.id, Values(["content": "Now @cy"]))
            #expect(changed["mentions"] == [JSON(keeper)] && changed["author"] == "ann")
            try await rows(ann).delete(comment.id)
            #expect(try await rows(ann).find(comment.id) == nil)
            let told = house.store.rows(.notifications)
            let readers = try await told.list().compactMap { $0.values.id("user_id") }
            #expect(readers == [bo])
        }
    }

    @Test(arguments: Engine.allCases)
    func `are time entries, whose sum is the time spent`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let task = try await house.add("Work", ["time_spent": 3])
            let entries = house.store.rows(.timeEntries)
            let spent = { try await house.tasks.require(task.id)["time_spent"].double }
            let add = { (minutes: Int) in
                try await entries.create(Values(["task_id": JSON(task.id), "minutes": JSON(minutes)]))
            }
            let first = try await add(90)
            _ = try await add(20)
            #expect(try await spent() == 1.8333)
            try await entries.update(first.id, Values(["minutes": 30]))
            #expect(try await spent() == 0.8333)
            #expect(await house.refusal(task, ["time_spent": 5]) == "/time_spent")
            try await entries.delete(first.id)
            #expect(try await spent() == 0.3333)
            _ = try await add(60_000)
            for _ in 0..<8 { _ = try await add(60_000) }
            let most = await failure {
                for _ in 0..<2 { _ = try await add(60_000) }
            }
            #expect(most?.pointer == "/minutes")
        }
    }

    @Test(arguments: Engine.allCases)
    func `goes with it, and is told`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let ann = try await house.fresh.newcomer("ann")
            let bo = try await house.fresh.newcomer("bo")
            let store = house.fresh.store(of: ann)
            let task = try await house.add("Work")
            let comment = try await store.rows(.comments).create(
                Values(["task_id": JSON(task.id), "content": "Hm"]))
            let entry = try await store.rows(.timeEntries).create(
                Values(["task_id": JSON(task.id), "minutes": 5]))
            let file = try await store.rows(.attachments).create(
                Values([
                    "task_id": JSON(task.id), "name": "a", "type": "text/plain", "bytes": 1,
                    "sha256": .string(String(repeating: "0", count: 64)),
                ]))
            #expect(
                try await house.store.tasks.attachments(house.fresh.workspace, of: [task.id]) == [file.id])
            try await house.fresh.store(of: bo).rows(.tasks).delete(task.id)
            for (noun, id) in [
                ("comment", comment.id), ("time_entry", entry.id), ("attachment", file.id), ("task", task.id),
            ] {
                let entries = try await house.fresh.journal(noun, id)
                #expect(entries.last?.action == .deleted && entries.last?.actor == "user:\(bo)", "\(noun)")
            }
            #expect(try await house.store.rows(.comments).list() == [])
            #expect(try await house.store.rows(.timeEntries).list() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is counted`(_ engine: Engine) async throws {
        try await TaskHouse.with(engine) { house in
            let now = Moment.now
            let project = try await house.store.rows(.projects).create(Values(["name": "P"])).id
            let due = { (days: Int64) in JSON(now + .seconds(days * 86_400)) }
            _ = try await house.add("a", ["due_date": due(-1), "assigned_to": "ann", "priority": "high"])
            _ = try await house.add("b", ["due_date": due(3), "assigned_to": "ann"])
            _ = try await house.add("c", ["due_date": due(9), "project_id": JSON(project)])
            let task = try await house.add("d", ["status": "in_progress", "due_date": due(-2)])
            let started = try #require(task.values.time("started_at"))
            _ = try await house.change(task, ["status": "done"], at: started + .seconds(5_400))
            let figures = try await house.store.tasks.figures(house.fresh.workspace, at: now)
            #expect(figures.total == 4 && figures.overdue == 1 && figures.dueIn7Days == 1)
            #expect(figures.byStatus == ["todo": 3, "done": 1])
            #expect(figures.byPriority == ["high": 1, "medium": 3])
            #expect(figures.cycleTime_h == 1.5)
            let ann = figures.people.first { $0.name == "ann" }
            #expect(ann?.open == 2 && ann?.done == 0 && ann?.overdue == 1)
            let one = try await house.store.tasks.figures(house.fresh.workspace, project: project, at: now)
            #expect(one.total == 1 && one.cycleTime_h == nil)
            let none = try await house.store.tasks.figures(house.fresh.other, at: now)
            #expect(none.total == 0 && none.people.isEmpty)
        }
    }
}
