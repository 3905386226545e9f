import Core
import Store
import TestHouse
import Testing
import Workspace

@testable import API

@Suite struct `The health of a connection` {
    @Test(arguments: Engine.allCases)
    func `names what its readings could not take`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post(
                "/api/integrations/stripe/connect",
                ["name": "Shop", "fields": ["secret_key": "sk_1", "webhook_secret": "whsec_1"]])
            let place = "\(try #require(made["location"]))/health"
            let fresh = try await house.get(place)
            #expect(fresh.status == 200 && fresh.json["health"] == "unknown", "\(fresh.text)")
            #expect(fresh.json["refused"] == [] && fresh.json["last_sync_at"] == .null)

            let id = try #require(made.json["id"]?.string.flatMap { ID($0) })
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let refused = Store.SyncRefusals.Entry(
                .init("balance", "txn_1"), stream: "balance", reason: "No.",
                at: Moment(milliseconds: 1_000))
            try await store.syncRefusals.note([refused], taken: [], of: id)
            #expect(
                try await house.get(place, key: house.viewer).json["refused"] == [
                    [
                        "stream": "balance", "kind": "balance", "remote_id": "txn_1", "reason": "No.",
                        "refused_at": "1970-01-01T00:00:01.000Z",
                    ]
                ])
            #expect(try await house.get(place, key: house.stranger).status == 404)
        }
    }
}
