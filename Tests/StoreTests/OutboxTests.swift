import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `The outbox` {
    private struct Crash: Error {}

    private func entry(_ workspace: ID, at now: Moment = .now) -> Store.Outbox.Entry {
        .init(id: ID(), workspace: workspace, queue: "default", envelope: [0, 1, 254, 255], createdAt: now)
    }

    @Test(arguments: Engine.allCases)
    func `holds a job if and only if the business row is there`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let job = entry(house.workspace)
            let project = ID()
            let write: @Sendable (Store) async throws -> Void = { store in
                let ours = store.scoped(Scope(workspace: house.workspace))
                try await ours.rows(.projects).create(Values(["name": "Launch"]), id: project)
                try await store.outbox.add(job)
            }
            await #expect(throws: Crash.self) {
                try await house.store.transaction { store in
                    try await write(store)
                    throw Crash()
                }
            }
            #expect(try await house.store.projects.find(house.workspace, project) == nil)
            #expect(try await house.store.outbox.find(house.workspace, job.id) == nil)
            try await house.store.transaction { try await write($0) }
            #expect(try await house.store.projects.find(house.workspace, project) != nil)
            #expect(try await house.store.outbox.find(house.workspace, job.id) == job)
            #expect(try await house.store.outbox.find(house.other, job.id) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `gives back what was not pushed, oldest first`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let outbox = house.store.outbox
            let jobs = (0..<20).map { entry(house.workspace, at: Moment(milliseconds: Int64(1_000 + $0))) }
            for job in jobs.reversed() { try await outbox.add(job) }
            let before = Moment(milliseconds: 1_015)
            #expect(try await outbox.unpushed(before: before, limit: 3) == Array(jobs.prefix(3)))
            #expect(try await outbox.unpushed(before: before, limit: 99) == Array(jobs.prefix(15)))
            try await outbox.markPushed(jobs.prefix(10).map(\.id), at: Moment(milliseconds: 2_000))
            try await outbox.markFailed([jobs[10].id])
            let left = try await outbox.unpushed(before: before, limit: 99)
            #expect(left.map(\.id) == jobs[10..<15].map(\.id))
            #expect(left.map(\.attempts) == [1, 0, 0, 0, 0])
            #expect(try await outbox.prune(before: Moment(milliseconds: 2_000)) == 0)
            #expect(try await outbox.prune(before: Moment(milliseconds: 2_001)) == 10)
            #expect(try await outbox.unpushed(before: .now, limit: 99).count == 10)
            try await outbox.markPushed([])
        }
    }
}
