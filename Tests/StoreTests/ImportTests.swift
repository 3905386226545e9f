import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `An import` {
    private struct Crash: Error {}

    @Test(arguments: Engine.allCases)
    func `that runs again adds no row twice`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let rows = (0..<173).map { number in
                let task = ProjectTask.sample(house.workspace, "Row \(number)")
                return Store.Tasks.Imported(task, key: "job:\(number)")
            }
            let first = try await house.store.tasks.create(Array(rows.prefix(61)))
            #expect(first == .init(created: rows.prefix(61).map(\.task.id), existing: []))
            let again = rows.map { row in
                Store.Tasks.Imported(.sample(house.workspace, row.task.title), key: row.key)
            }
            let second = try await house.store.tasks.create(again)
            #expect(second.created == again.dropFirst(61).map(\.task.id))
            #expect(second.existing == rows.prefix(61).map(\.key))
            #expect(try await house.store.tasks.all(house.workspace).count == 173)
            let theirs = Store.Tasks.Imported(.sample(house.other), key: "job:1")
            #expect(try await house.store.tasks.create([theirs]).created == [theirs.task.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `journals each task once and makes it found by its words`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let rows = (0..<73).map { number in
                let task = ProjectTask.sample(house.workspace, "Row \(number)")
                return Store.Tasks.Imported(task, key: "job:\(number)")
            }
            let ours = house.store.scoped(Scope(workspace: house.workspace, actor: "job:1"))
            _ = try await ours.tasks.create(Array(rows.prefix(11)))
            _ = try await ours.tasks.create(rows)
            #expect(try await house.store.journal.backlog().count == 73)
            let entries = try await house.journal("task", rows[5].task.id)
            #expect(entries.map(\.event) == ["task:created"] && entries.map(\.actor) == ["job:1"])
            #expect(try entries[0].changes["title"] == [nil, "Row 5"])
            var query = Rows.Query()
            query.search = "row 72"
            #expect(try await ours.rows(.tasks).list(query).map(\.id) == [rows[72].task.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps its checkpoint and its tasks together`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let job = ID()
            var point = Store.Imports.Checkpoint(workspace: house.workspace, job: job, importedAt: .now)
            (point.offset, point.line, point.created, point.rejected) = (4_096, 20, 19, 1)
            point.errors = [["line": 7, "reason": "no title"]]
            let rows = [Store.Tasks.Imported(.sample(house.workspace), key: "job:1")]
            let save: @Sendable (Store, Bool) async throws -> Void = { [point] store, crashes in
                _ = try await store.tasks.create(rows)
                try await store.imports.save(point)
                if crashes { throw Crash() }
            }
            await #expect(throws: Crash.self) {
                try await house.store.transaction { try await save($0, true) }
            }
            #expect(try await house.store.imports.load(house.workspace, job: job) == nil)
            #expect(try await house.store.tasks.all(house.workspace) == [])
            try await house.store.transaction { try await save($0, false) }
            #expect(try await house.store.imports.load(house.workspace, job: job) == point)
            #expect(try await house.store.imports.load(house.other, job: job) == nil)
            point.offset = 8_192
            try await house.store.imports.save(point)
            #expect(try await house.store.imports.load(house.workspace, job: job) == point)
        }
    }
}
