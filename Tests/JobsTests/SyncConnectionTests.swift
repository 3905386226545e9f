import Automation
import Core
import Integrations
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `The job that reads a connection` {
    private struct Scene: Sendable {
        let bench: Bench
        let stand: StandIns
        let connection: ID

        var store: Store { bench.house.store.scoped(Scope(workspace: bench.house.workspace)) }

        var row: Item {
            get async throws { try await store.rows(.connections).require(connection) }
        }

        func attempt(full: Bool = false) async throws -> Verdict {
            let arguments: JSON = ["connection_id": JSON(connection), "full": .bool(full)]
            return await bench.attempt(try await bench.claim("sync_connection", arguments))
        }
    }

    private static func with(
        channels: String = "C1", _ engine: Engine = .sqlite, _ body: (Scene) async throws -> Void
    ) async throws {
        let stand = StandIns("slack", account: "a\(ID().text.lowercased())")
        try await Bench.with(engine, bases: ["slack": try stand.base]) { bench in
            let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
            let fields = ["bot_token": "xoxb-\(stand.account)", "channels": channels]
            let row = try await bench.tools.connections.add(.slack, "Test", fields, through: store)
            try await body(Scene(bench: bench, stand: stand, connection: row.id))
        }
    }

    private static func say(_ text: String, _ stand: StandIns) async throws {
        try await stand.act(["say": ["channel": "C1", "user": "U1", "text": .string(text)]])
    }

    @Test(arguments: Engine.allCases)
    func `reads every stream, and says what became of it`(engine: Engine) async throws {
        try await Self.with(channels: "C1, CGONE", engine) { scene in
            try await Self.say("Hello", scene.stand)
            let result = try result(of: try await scene.attempt())
            #expect(result["streams"]?["C1"]?["created"]?.integer == 1)
            #expect(result["trouble"]?.array?.count == 1)
            let row = try await scene.row
            #expect(row["health"] == "failing")
            #expect(row["last_error"].string?.contains("CGONE") == true)
            #expect(row["last_sync_at"] != .null)
        }
    }

    @Test func `waits for as long as the provider says, whatever its attempts`() async throws {
        try await Self.with { scene in
            try await Self.say("Hello", scene.stand)
            try await scene.stand.fault([
                "kind": "status", "status": 429, "headers": ["Retry-After": "900"],
                "body": ["ok": false, "error": "ratelimited"],
            ])
            let verdict = try await scene.attempt()
            guard case .retry(let pause, let failure) = verdict else {
                Issue.record("not tried again but \(verdict)")
                return
            }
            #expect(pause >= .seconds(900))
            #expect(failure.kind == .limited)
            #expect(try await scene.row["status"] == "active")
            let second = try result(of: try await scene.attempt())
            #expect(second["streams"]?["C1"]?["created"]?.integer == 1)
            #expect(try await scene.row["health"] == "ok")
            #expect(try await scene.row["last_error"] == .null)
        }
    }

    @Test func `gives up a token that is refused, until somebody connects anew`() async throws {
        try await Self.with { scene in
            try await scene.stand.fault([
                "kind": "status", "status": 200, "body": ["ok": false, "error": "token_revoked"],
            ])
            let failure = try death(of: try await scene.attempt())
            #expect(failure.kind == .unauthorized)
            #expect(try await scene.row["status"] == "needs_reauth")
            #expect(try death(of: try await scene.attempt()).kind == .conflict)
        }
    }

    @Test func `reads all again when it is to, and makes nothing twice`() async throws {
        try await Self.with { scene in
            try await Self.say("One", scene.stand)
            try await Self.say("Two", scene.stand)
            _ = try await scene.attempt()
            let again = try result(of: try await scene.attempt(full: true))
            #expect(again["streams"]?["C1"]?["unchanged"]?.integer == 2)
            #expect(again["streams"]?["C1"]?["created"]?.integer == 0)
        }
    }

    @Test func `is asked for once while it waits, however many look for what is due`() async throws {
        try await Self.with { scene in
            let sweep = SyncSweep(scene.bench.house.store, queue: scene.bench.queue, log: .quiet)
            for _ in 1...3 { _ = try await sweep.sweep() }
            var shift = Queue.Shift()
            shift.wanted = 10
            let claims = try await scene.bench.queue.work(shift).claims
            #expect(claims.map(\.envelope.name) == ["sync_connection"])
        }
    }
}
