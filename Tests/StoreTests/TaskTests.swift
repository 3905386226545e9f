import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A task` {
    @Test(arguments: Engine.allCases)
    func `is found as it was created`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let first = ProjectTask.sample(house.workspace, "First", at: Moment(milliseconds: 1_000))
            var second = ProjectTask.sample(house.workspace, "Second", at: Moment(milliseconds: 2_000))
            second.dependsOn = [first.id]
            try await house.store.tasks.create(first)
            try await house.store.tasks.create(second)
            #expect(try await house.store.tasks.find(house.workspace, second.id) == second)
            #expect(try await house.store.tasks.list(house.workspace) == [second, first])
            #expect(try await house.store.tasks.all(house.workspace) == [second, first])
            let found = try await house.store.tasks.find(
                house.workspace, titled: ["First", "Second", "Third"])
            #expect(found == ["First": first.id, "Second": second.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `does not exist for another workspace, nor does what it refers to`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tasks = house.store.tasks
            let ours = ProjectTask.sample(house.workspace)
            let project = Project.sample(house.workspace)
            try await tasks.create(ours)
            try await house.store.projects.create(project)
            #expect(try await tasks.find(house.other, ours.id) == nil)
            #expect(try await tasks.list(house.other) == [])
            #expect(try await tasks.all(house.other) == [])
            #expect(try await tasks.find(house.other, titled: [ours.title]) == [:])
            await refuses(.missing) { try await tasks.update(Store.Scoped(house.other, ours.id), .init()) }
            await refuses(.missing) { try await tasks.delete(house.other, ours.id) }
            var theirs = ProjectTask.sample(house.other)
            theirs.project = project.id
            await refuses(.invalid) { try await tasks.create(theirs) }
            theirs.project = nil
            theirs.dependsOn = [ours.id]
            await refuses(.invalid) { try await tasks.create(theirs) }
            #expect(try await tasks.all(house.other) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `changes in the fields that are named`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tasks = house.store.tasks
            let first = ProjectTask.sample(house.workspace, "First")
            var task = ProjectTask.sample(house.workspace)
            try await tasks.create(first)
            try await tasks.create(task)
            let id = Store.Scoped(house.workspace, task.id)
            var patch = Store.Tasks.Patch()
            (patch.status, patch.title, patch.dueDate) = (.done, "Written", .some(nil))
            (patch.timeSpent, patch.dependsOn) = (3.25, [first.id])
            let now = Moment.now + .seconds(5)
            (task.status, task.title, task.dueDate, task.timeSpent) = (.done, "Written", nil, 3.25)
            (task.dependsOn, task.completedAt, task.updatedAt, task.version) = ([first.id], now, now, 2)
            #expect(try await tasks.update(id, patch, version: 1, at: now) == task)
            await refuses(.conflict) { try await tasks.update(id, patch, version: 1) }
            let later = now + .seconds(5)
            #expect(try await tasks.update(id, patch, at: later).completedAt == now)
            patch.status = .inProgress
            #expect(try await tasks.update(id, patch, at: later).completedAt == nil)
            patch.project = ID()
            await refuses(.invalid) { try await tasks.update(id, patch) }
            try await tasks.delete(house.workspace, first.id)
            #expect(try await tasks.find(house.workspace, task.id)?.dependsOn == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is listed by every filter`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let project = Project.sample(house.workspace)
            try await house.store.projects.create(project)
            var wanted = ProjectTask.sample(house.workspace, "Wanted")
            (wanted.project, wanted.assignedTo, wanted.status) = (project.id, "grace", .done)
            (wanted.priority, wanted.dueDate) = (.low, Moment(milliseconds: 5))
            try await house.store.tasks.create(wanted)
            try await house.store.tasks.create(.sample(house.workspace))
            let settings: [@Sendable (inout Store.Tasks.Filter) -> Void] = [
                { $0.project = project.id }, { $0.assignedTo = "grace" }, { $0.status = .done },
                { $0.priority = .low }, { $0.dueBefore = Moment(milliseconds: 6) },
            ]
            var all = Store.Tasks.Filter()
            for set in settings {
                var filter = Store.Tasks.Filter()
                set(&filter)
                set(&all)
                #expect(try await house.store.tasks.list(house.workspace, filter) == [wanted])
            }
            #expect(try await house.store.tasks.list(house.workspace, all) == [wanted])
            all.priority = .high
            #expect(try await house.store.tasks.list(house.workspace, all) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `comes once in pages, while others are added`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let tasks = (0..<57).map {
                ProjectTask.sample(house.workspace, "\($0)", at: Moment(milliseconds: 1_000 + Int64($0 / 10)))
            }
            _ = try await house.store.tasks.create(tasks.map { .init($0, key: $0.title) })
            var seen: [ID] = []
            while true {
                let page = Store.Page(limit: 10, after: seen.last)
                let found = try await house.store.tasks.list(house.workspace, .init(), page)
                if found.isEmpty { break }
                #expect(found.count <= 10)
                seen += found.map(\.id)
                try await house.store.tasks.create(.sample(house.workspace, "Newer"))
            }
            #expect(seen == tasks.map(\.id).sorted(by: >))
            #expect(Store.Page(limit: 9_999).limit == 200 && Store.Page(limit: -1).limit == 1)
        }
    }
}
