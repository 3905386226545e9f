import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `The desk of a sync` {
    private static func with(
        _ body: (SyncHouse, @Sendable (SyncDesk.Thing, String) async throws -> SyncTally) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_")) { sync in
            try await body(sync) { thing, title in
                try await sync.store.transaction { store in
                    var desk = SyncDesk(store, sync.connection, "s", round: 1)
                    try await desk.put(thing, on: .tasks, Values(["title": .string(title)]))
                    return desk.tally
                }
            }
        }
    }

    private static func thing(_ version: String, _ second: Int64) -> SyncDesk.Thing {
        .init("thing", "1", version: version, at: Moment(milliseconds: second * 1_000))
    }

    @Test func `takes no news that is older than what it knows`() async throws {
        try await Self.with { sync, put in
            _ = try await put(Self.thing("b", 20), "New")
            #expect(try await put(Self.thing("a", 10), "Old").unchanged == 1)
            #expect(try await sync.texts(.tasks, "title") == ["New"])
            #expect(try await put(Self.thing("c", 20), "Newer").updated == 1)
            #expect(try await sync.texts(.tasks, "title") == ["Newer"])
        }
    }

    @Test(arguments: Engine.allCases) func `leaves out what the database refuses, and goes on`(
        _ engine: Engine
    ) async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_"), on: engine) { sync async throws in
            let tally = try await sync.store.transaction { store in
                var desk = SyncDesk(store, sync.connection, "s", round: 1)
                for (id, external) in [("1", "a"), ("2", "a"), ("3", "b")] {
                    let values = Values([
                        "channel": "slack", "direction": "in", "status": "received", "from_address": "U1",
                        "to": ["C1"], "body": .string(id), "external_id": .string(external),
                    ])
                    try await desk.put(.init("slack", id), on: .messages, values)
                }
                return desk.tally
            }
            #expect([tally.created, tally.refused] == [2, 1])
            #expect(tally.reasons == ["slack 2: There is one like it already."])
            #expect(try await sync.texts(.messages, "body") == ["1", "3"])
        }
    }

    @Test func `lets one of two attempts go on`() async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_")) { sync in
            try await sync.stand.act(["move": ["amount": 100, "currency": "eur"]])
            let page = try await sync.sync.page(
                of: "balance", after: .null, over: sync.connection, at: .now)
            let late = Late(page: page)
            try await sync.read()
            // The other attempt has read the same page, and comes to write it now.
            let entry = try #require(
                try await sync.store.syncCursors.find(sync.connection.id, "balance"))
            let stale = Store.SyncCursors.Entry(sync.connection.id, "balance")
            #expect(entry.turn == 1)
            let failure = await #expect(throws: Failure.self) {
                try await sync.store.transaction { store in
                    var desk = SyncDesk(store, sync.connection, "balance", round: 1)
                    try await late.page.write(&desk)
                    try await store.syncCursors.save(stale)
                }
            }
            #expect(failure?.kind == .unavailable)
            #expect(try await sync.items(.transactions).count == 1)
        }
    }

    private struct Late: Sendable {
        let page: SyncPage
    }

    @Test func `asks once for what waits already`() throws {
        let (connection, workspace) = (ID(), ID())
        let first = SyncOrder.envelope(connection, of: "github", in: workspace)
        let second = SyncOrder.envelope(connection, of: "github", in: workspace)
        let full = SyncOrder.envelope(connection, of: "github", in: workspace, full: true)
        #expect(first.unique?.key == second.unique?.key)
        #expect(first.unique?.key != full.unique?.key)
        #expect(first.flow.exclusive == full.flow.exclusive)
        #expect(first.flow.charges.map(\.key) == ["provider:github:\(connection)"])
    }

    @Test(arguments: Engine.allCases)
    func `finds the connections that are due`(engine: Engine) async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_"), on: engine) { sync in
            let now = Moment.now
            func due(_ moment: Moment) async throws -> [ID] {
                try await sync.house.store.connectionsDue(of: ["stripe", "gmail"], since: moment, limit: 10)
                    .map(\.id)
            }
            #expect(try await due(now) == [sync.connection.id])
            try await SyncLedger(sync.connection, sync.house.store).done([], at: now)
            // Times of rows are in milliseconds.
            #expect(try await due(now + .seconds(-1)).isEmpty)
            #expect(try await due(now + .seconds(300)) == [sync.connection.id])
            let refused = Failure(.unauthorized, "No.")
            try await SyncLedger(sync.connection, sync.house.store).failed(refused, at: now)
            #expect(try await due(now + .seconds(300)).isEmpty)
            let row = try await sync.store.rows(.connections).require(sync.connection.id)
            #expect(row["status"].string == "needs_reauth")
            #expect(row["last_error"].string == "No.")
        }
    }
}
