import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A project` {
    @Test(arguments: Engine.allCases)
    func `is found as it was created`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let project = Project.sample(house.workspace)
            try await house.store.projects.create(project)
            #expect(try await house.store.projects.find(house.workspace, project.id) == project)
            #expect(try await house.store.projects.find(house.workspace, named: "Launch") == project)
            #expect(try await house.store.projects.list(house.workspace) == [project])
            await refuses(.conflict) { try await house.store.projects.create(project) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `does not exist for another workspace`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let project = Project.sample(house.workspace)
            let projects = house.store.projects
            try await projects.create(project)
            #expect(try await projects.find(house.other, project.id) == nil)
            #expect(try await projects.find(house.other, named: project.name) == nil)
            #expect(try await projects.list(house.other) == [])
            let theirs = Store.Scoped(house.other, project.id)
            await refuses(.missing) { try await projects.update(theirs, Store.Projects.Patch()) }
            await refuses(.missing) { try await projects.delete(house.other, project.id) }
            #expect(try await projects.find(house.workspace, project.id) == project)
        }
    }

    @Test(arguments: Engine.allCases)
    func `changes in the fields that are named`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            var project = Project.sample(house.workspace)
            let projects = house.store.projects
            try await projects.create(project)
            let id = Store.Scoped(house.workspace, project.id)
            var patch = Store.Projects.Patch()
            patch.status = .onHold
            patch.deadline = .some(nil)
            let now = Moment.now + .seconds(5)
            let changed = try await projects.update(id, patch, version: 1, at: now)
            (project.status, project.deadline, project.updatedAt, project.version) = (.onHold, nil, now, 2)
            #expect(changed == project)
            await refuses(.conflict) { try await projects.update(id, patch, version: 1) }
            #expect(try await projects.list(house.workspace, status: .onHold) == [project])
            #expect(try await projects.list(house.workspace, status: .active) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `leaves its tasks behind when it is deleted`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let project = Project.sample(house.workspace)
            var task = ProjectTask.sample(house.workspace)
            task.project = project.id
            try await house.store.projects.create(project)
            try await house.store.tasks.create(task)
            try await house.store.projects.delete(house.workspace, project.id)
            #expect(try await house.store.projects.find(house.workspace, project.id) == nil)
            let left = try await house.store.tasks.find(house.workspace, task.id)
            #expect(left != nil && left?.project == nil)
        }
    }
}
