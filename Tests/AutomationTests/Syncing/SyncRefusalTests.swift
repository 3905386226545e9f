import Automation
import Core
import Integrations
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `What a sync cannot take` {
    private static func issue(_ number: Int, _ title: String, at second: Int64) -> JSON {
        [
            "issue": [
                "number": JSON(number), "title": .string(title), "body": "Text",
                "at": .integer(1_770_000_000 + second),
            ]
        ]
    }

    /// Has the database refuse tasks of this title, as a rule of its own would.
    private static func refuse(_ title: String, in database: any Database) async throws {
        switch database.dialect {
        case .postgres:
            try await database.execute("alter table tasks add constraint odd check (title <> '\(title)')")
        case .sqlite:
            try await database.execute(
                """
                create trigger odd before insert on tasks when new.title = '\(title)'
                begin select raise(abort, 'odd'); end
                """)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is left out until it is changed there, and holds up nothing else`(_ engine: Engine) async throws {
        try await SyncHouse.with(
            .github, ("token", "ghp_"), ["repositories": "octo/hello"], on: engine
        ) { sync async throws in
            try await Self.refuse("Odd", in: sync.house.database)
            for number in 1...5 {
                let title = number == 3 ? "Odd" : "Issue \(number)"
                try await sync.stand.act(Self.issue(number, title, at: Int64(number)))
            }
            let first = try await sync.read()
            #expect([first.created, first.refused] == [4, 1])
            #expect(try await sync.texts(.tasks, "title") == [1, 2, 4, 5].map { "Issue \($0)" })
            let refusals = try await sync.store.syncRefusals.list(sync.connection.id)
            #expect(refusals.map(\.name) == [.init("issue", "octo/hello#3")])
            #expect(refusals.first?.stream == "issues:octo/hello")
            #expect(refusals.first?.reason == "It holds a value that cannot be stored.")
            let again = try await sync.read()
            #expect([again.created, again.updated, again.deleted] == [0, 0, 0])
            let told = try await Self.connection(sync)
            #expect(told["health"] == "ok")
            #expect(told["last_error"].string?.contains("issue octo/hello#3: It holds") == true)

            try await sync.stand.act(Self.issue(3, "Even", at: 100))
            #expect(try await sync.read().created == 1)
            #expect(try await sync.store.syncRefusals.list(sync.connection.id).isEmpty)
            #expect(try await Self.connection(sync)["last_error"] == .null)
        }
    }

    /// The connection after a reading was written down.
    private static func connection(_ sync: SyncHouse) async throws -> Item {
        try await SyncLedger(sync.connection, sync.house.store).done([])
        return try await sync.store.rows(.connections).require(sync.connection.id)
    }

    /// Shows what it is told to.
    private struct Told: Sync {
        let end: SyncPage.End
        let write: @Sendable (inout SyncDesk) async throws -> Void

        func streams(of connection: Connection) async throws -> [String] { ["s"] }

        func page(
            of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
        ) async throws -> SyncPage {
            SyncPage(next: ["read": true], end: end, write: write)
        }
    }

    private static func with(
        _ engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.stripe, ("secret_key", "sk_test_"), on: engine, body)
    }

    @Test(arguments: Engine.allCases)
    func `leaves nothing of itself behind`(_ engine: Engine) async throws {
        try await Self.with(engine) { sync async throws in
            let half = Told(end: .now) { desk in
                for number in 1...3 {
                    try await desk.row("thing", "\(number)") { desk in
                        try await desk.store.rows(.tasks).create(Values(["title": .string("\(number)")]))
                        if number == 2 { throw Failure(.invalid, "Half is not enough.") }
                    }
                }
            }
            #expect(try await sync.read(by: half).reasons == ["thing 2: Half is not enough."])
            #expect(try await sync.texts(.tasks, "title") == ["1", "3"])
        }
    }

    @Test func `is not what could not be written for the moment`() async throws {
        try await Self.with { sync async throws in
            let wavering = Told(end: .now) { desk in
                try await desk.put(.init("thing", "1"), on: .tasks, Values(["title": "One"]))
                try await desk.row("thing", "2") { _ in throw Failure(.unavailable, "Later.") }
            }
            let failure = await #expect(throws: Failure.self) { try await sync.read(by: wavering) }
            #expect(failure?.kind == .unavailable)
            #expect(try await sync.items(.tasks).isEmpty)
            #expect(try await sync.store.syncCursors.list(sync.connection.id).isEmpty)
            #expect(try await sync.store.syncRefusals.list(sync.connection.id).isEmpty)
        }
    }

    @Test func `is named up to a number, the newest`() async throws {
        try await Self.with { sync async throws in
            for first in [0, 80] {
                let many = Told(end: .now) { desk in
                    for number in first..<(first + 80) {
                        try await desk.row("thing", "\(number)") { _ in throw Failure(.invalid, "No.") }
                    }
                }
                #expect(try await sync.read(by: many).refused == 80)
            }
            let names = try await sync.store.syncRefusals.list(sync.connection.id).map(\.name.id)
            #expect(names.count == 100)
            #expect(Set(names).isSuperset(of: (80..<160).map { "\($0)" }))
        }
    }

    @Test func `is not gone there, so that its row stays as it was`() async throws {
        try await Self.with { sync async throws in
            let taken = Told(end: .all) { desk in
                for id in ["1", "2"] {
                    let values = Values(["title": .string(id)])
                    try await desk.put(.init("thing", id, version: "a"), on: .tasks, values)
                }
            }
            let refused = Told(end: .all) { desk in
                let values = Values(["title": ""])
                try await desk.put(.init("thing", "1", version: "b"), on: .tasks, values)
            }
            try await sync.read(by: taken)
            try await SyncRun(sync.connection, refused, sync.house.store).restart("s")
            #expect(try await sync.read(by: refused).refused == 1)
            #expect(try await sync.texts(.tasks, "title") == ["1"])
        }
    }

    @Test func `is forgotten when a reading of all does not show it any more`() async throws {
        try await Self.with { sync async throws in
            let there = Told(end: .all) { desk in
                for id in ["gone", "there"] {
                    try await desk.row("thing", id) { _ in throw Failure(.invalid, "No.") }
                }
            }
            let gone = Told(end: .all) { desk in
                try await desk.row("thing", "there") { _ in throw Failure(.invalid, "No.") }
            }
            try await sync.read(by: there)
            #expect(try await sync.store.syncRefusals.list(sync.connection.id).count == 2)
            try await SyncRun(sync.connection, gone, sync.house.store).restart("s")
            try await sync.read(by: gone)
            let left = try await sync.store.syncRefusals.list(sync.connection.id)
            #expect(left.map(\.name.id) == ["there"])
        }
    }
}
