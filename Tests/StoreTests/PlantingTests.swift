import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A planted workspace` {
    @Test(arguments: Engine.allCases)
    func `has every row of the seed, and its neighbour none`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let planting = house.store.planting(in: house.workspace)
            #expect(try await planting.occupant() == nil)
            let seed = Seed(1, .small)
            let counts = try await planting.plant(seed)
            #expect(counts.reduce(0) { $0 + $1.count } == seed.rows.count + seed.people.count)
            #expect(try await planting.occupant() == "labels")
            #expect(try await house.store.planting(in: house.other).occupant() == nil)
            let store = house.store.scoped(Scope(workspace: house.workspace))
            #expect(try await store.rows(.tasks).count(Rows.Query()) >= 60)
            let threads = try await store.threads.list()
            #expect(!threads.isEmpty)
            #expect(threads.contains { $0.messages > 1 })
            let more = try await planting.plant(Seed(2, .small))
            #expect(!more.contains { $0.name == "labels" })
            #expect(try await store.rows(.labels).count(Rows.Query()) == 6)
            #expect(try await store.rows(.tasks).count(Rows.Query()) >= 120)
            await refuses(.conflict) { try await planting.plant(seed) }
        }
    }
}
