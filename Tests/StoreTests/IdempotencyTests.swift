import Core
import Store
import TestHouse
import Testing

@Suite struct `An idempotency key` {
    @Test(arguments: Engine.allCases)
    func `gives the same answer to the same request`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (keys, workspace) = (house.store.idempotency, house.workspace)
            #expect(try await keys.reserve(workspace, key: "k", fingerprint: "f") == .fresh)
            #expect(try await keys.reserve(workspace, key: "k", fingerprint: "f") == .inProgress)
            #expect(try await keys.reserve(workspace, key: "k", fingerprint: "g") == .mismatch)
            #expect(try await keys.reserve(house.other, key: "k", fingerprint: "g") == .fresh)
            let response = Store.Idempotency.Response(status: 201, body: "{\"id\":1}")
            try await keys.complete(workspace, key: "k", response)
            try await keys.complete(workspace, key: "k", .init(status: 500, body: "late"))
            #expect(try await keys.reserve(workspace, key: "k", fingerprint: "f") == .replay(response))
            #expect(try await keys.reserve(workspace, key: "k", fingerprint: "g") == .mismatch)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is free again after a dead worker or a day`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (keys, workspace) = (house.store.idempotency, house.workspace)
            let start = Moment(milliseconds: 1_000_000_000)
            func reserve(
                after seconds: Int, _ fingerprint: String = "f"
            ) async throws
                -> Store.Idempotency.Reservation
            {
                try await keys.reserve(
                    workspace, key: "k", fingerprint: fingerprint, at: start + .seconds(seconds))
            }
            #expect(try await reserve(after: 1) == .fresh)
            #expect(try await reserve(after: 60) == .inProgress)
            #expect(try await reserve(after: 62, "g") == .mismatch)
            #expect(try await reserve(after: 62) == .fresh)
            try await keys.complete(workspace, key: "k", .init(status: 200, body: "a"))
            #expect(try await reserve(after: 86_400) == .replay(.init(status: 200, body: "a")))
            #expect(try await reserve(after: 86_463, "g") == .fresh)
            #expect(try await keys.prune(at: start + .seconds(86_464)) == 0)
            #expect(try await keys.prune(at: start + .seconds(3 * 86_400)) == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is won by one of fifty`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let found = try await race(50) { _ in
                try await house.store.idempotency.reserve(house.workspace, key: "k", fingerprint: "f")
            }
            #expect(found.filter { $0 == .fresh }.count == 1)
            #expect(found.filter { $0 == .inProgress }.count == 49)
        }
    }
}
