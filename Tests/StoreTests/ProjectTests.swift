import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A project` {
    @Test(arguments: Engine.allCases)
    func `is found by whoever looks at all of them`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let first = try await store.rows(.projects).create(
                Values(["name": "Launch", "deadline": "2031-01-02T03:04:05.006Z"]))
            let second = try await store.rows(.projects).create(Values(["name": "Launch"]))
            let projects = house.store.projects
            let found = try #require(try await projects.find(house.workspace, first.id))
            #expect(found.name == "Launch" && found.deadline == Moment("2031-01-02T03:04:05.006Z"))
            #expect(found.status == .active && found.version == 1 && found.createdAt == first.createdAt)
            #expect(try await projects.find(house.workspace, named: "Launch") == found)
            #expect(try await projects.list(house.workspace).map(\.id) == [second.id, first.id])
            #expect(
                try await projects.list(house.workspace, Store.Page(after: second.id)).map(\.id) == [first.id]
            )
            #expect(try await projects.find(house.other, first.id) == nil)
            #expect(try await projects.find(house.other, named: "Launch") == nil)
            #expect(try await projects.list(house.other) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `leaves its tasks behind when it is deleted, and says so of each`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let project = try await store.rows(.projects).create(Values(["name": "Launch"]))
            let task = try await store.rows(.tasks).create(
                Values(["title": "Write", "project_id": JSON(project.id)]))
            try await store.rows(.projects).delete(project.id)
            let left = try await store.rows(.tasks).require(task.id)
            #expect(left["project_id"] == .null && left.version == 2)
            #expect(try await house.journal("task", task.id).map(\.version) == [1, 2])
        }
    }
}
