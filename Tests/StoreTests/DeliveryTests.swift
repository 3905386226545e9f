import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A call that is remembered` {
    private func with(
        _ engine: Engine,
        _ body: (Store, @escaping @Sendable (String, String?) -> Store.Deliveries.Entry)
            async throws -> Void
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let connection = try await store.rows(.connections).create(
                Values(["provider": "webhook", "name": "Test"])
            ).id
            try await body(store) { name, proof in
                Store.Deliveries.Entry(
                    connection: connection, provider: "webhook", name: name, proof: proof, headers: [:],
                    key: nil, body: [])
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is the same under its name, and under its proof`(_ engine: Engine) async throws {
        try await with(engine) { store, call async throws in
            #expect(try await store.deliveries.add(call("a", nil)))
            #expect(try await !store.deliveries.add(call("a", nil)))
            #expect(try await !store.deliveries.add(call("a", "p")))
            #expect(try await store.deliveries.add(call("b", "p")))
            #expect(try await !store.deliveries.add(call("c", "p")))
            #expect(try await store.deliveries.add(call("c", "q")))
            #expect(try await store.deliveries.count() == 3)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is taken once`(_ engine: Engine) async throws {
        try await with(engine) { store, call async throws in
            let entry = call("a", nil)
            #expect(try await store.deliveries.add(entry))
            #expect(try await store.deliveries.take(entry.id, outcome: "change"))
            #expect(try await !store.deliveries.take(entry.id, outcome: "change"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is forgotten after seven days, and no sooner`(_ engine: Engine) async throws {
        try await with(engine) { store, call async throws in
            #expect(try await store.deliveries.add(call("a", nil)))
            let end = Moment.now + Store.Deliveries.memory
            try await store.deliveries.prune(at: end + .seconds(-60))
            #expect(try await !store.deliveries.add(call("a", nil)))
            try await store.deliveries.prune(at: end + .seconds(60))
            #expect(try await store.deliveries.count() == 0)
        }
    }
}
