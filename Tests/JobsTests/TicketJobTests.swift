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

@Suite struct `A ticket that somebody asks for` {
    /// A bench with a connection to a Zendesk of its own.
    private struct Counter {
        let bench: Bench
        let stand: StandIns
        let connection: ID

        func claim(_ name: String, _ arguments: JSON) async throws -> Claim {
            let more = (arguments.members ?? []) + [.init("connection_id", JSON(connection))]
            return try await bench.claim(name, .object(more))
        }

        func create() async throws -> Claim {
            try await claim(
                "create_ticket",
                ["ticket": ["subject": "Printer", "comment": ["body": "It burns.", "public": false]]])
        }

        /// The attempt whose call is done and not answered; where Zendesk then cannot be asked, the next one.
        func lose(_ claim: Claim, at path: String, isDeaf: Bool = false) async throws -> JSON {
            try await stand.fault(["kind": "drop_after", "path": .string(path)])
            guard isDeaf else { return try result(of: await bench.attempt(claim)) }
            try await stand.fault(["kind": "status", "status": 503, "path": .string(path)])
            let lost = await bench.attempt(claim)
            guard case .retry = lost else { throw Failure(.broken, "not tried again but \(lost)") }
            let next = Delivery(id: claim.delivery.id, number: 2)
            return try result(of: await bench.attempt(Claim(delivery: next, envelope: claim.envelope)))
        }

        /// The number of a ticket that an agent made.
        func ticket() async throws -> Int64 {
            let ticket: JSON = ["subject": "Printer", "comment": ["body": "It burns."], "priority": "low"]
            return try #require(try await stand.act(["ticket": ticket])["id"]?.integer)
        }

        func said() async throws -> [String] {
            try await stand.effects("comment").compactMap { $0["body"]?.string }
        }
    }

    /// Longer than what Zendesk takes for one moment.
    private static let tick: Duration = .milliseconds(1_100)

    private static func with(
        _ engine: Engine = .sqlite, _ body: (Counter) async throws -> Void
    ) async throws {
        let stand = StandIns("zendesk", account: "z\(ID().text.lowercased())")
        try await Bench.with(engine, bases: ["zendesk": try stand.base]) { bench async throws in
            let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
            let fields = ["subdomain": "acme", "email": "agent@example.org", "api_token": stand.account]
            let row = try await bench.tools.connections.add(.zendesk, "Ours", fields, through: store)
            try await body(Counter(bench: bench, stand: stand, connection: row.id))
        }
    }

    @Test(arguments: Engine.allCases) func `is made, and seen at once`(_ engine: Engine) async throws {
        try await Self.with(engine) { counter async throws in
            let made = try result(of: await counter.bench.attempt(try await counter.create()))
            #expect(made["subject"] == "Printer")
            let id = try #require(made["id"]?.integer)
            let store = counter.bench.house.store.scoped(Scope(workspace: counter.bench.house.workspace))
            let pair = try await store.zendesk.find(counter.connection, ticket: Int(id))
            #expect(pair?.ticket["subject"] == "Printer")
        }
    }

    @Test(arguments: [false, true]) func `is one ticket when the answer is lost`(_ isDeaf: Bool) async throws
    {
        try await Self.with { counter async throws in
            // Zendesk forgets the key of a call after two hours.
            try await counter.stand.act(["settings": ["key_memory": 0]])
            let claim = try await counter.create()
            let made = try await counter.lose(claim, at: "tickets$", isDeaf: isDeaf)
            let effects = try await counter.stand.effects("create")
            #expect(effects.count == 1)
            #expect(made["id"] == effects.first?["ticket"])
            let entry = try await counter.bench.house.store.effects.find(
                counter.bench.house.workspace, key: "create_ticket:\(claim.delivery.id)")
            #expect(entry?.state == .receipt)
        }
    }

    @Test func `is refused for good where Zendesk takes it never`() async throws {
        try await Self.with { counter async throws in
            let claim = try await counter.claim(
                "create_ticket", ["ticket": ["subject": "Printer", "comment": ["body": " "]]])
            let failure = try death(of: await counter.bench.attempt(claim))
            #expect(failure.message.contains("cannot be blank"), "\(failure.message)")
            #expect(try await counter.stand.effects("create").isEmpty)
        }
    }

    @Test func `is changed once, whether or not the answer comes`() async throws {
        try await Self.with { counter async throws in
            let id = try await counter.ticket()
            try await Task.sleep(for: Self.tick)
            let claim = try await counter.claim(
                "update_ticket",
                [
                    "ticket_id": .integer(id),
                    "changes": ["priority": "high", "tags": ["hot", "fire", "hot"]],
                ])
            let first = try result(of: await counter.bench.attempt(claim))
            #expect(first["priority"] == "high")
            #expect(first["tags"] == ["fire", "hot"])
            let again = try result(of: await counter.bench.attempt(claim))
            #expect(again["priority"] == "high")
            #expect(try await counter.stand.effects("update").count == 1)
        }
    }

    @Test func `is spoken on once when the answer is lost`() async throws {
        try await Self.with { counter async throws in
            let id = try await counter.ticket()
            let claim = try await counter.claim(
                "update_ticket",
                ["ticket_id": .integer(id), "comment": ["body": "We come.", "public": true]])
            // The first call of the attempt reads the ticket.
            try await counter.stand.fault(["kind": "slow", "seconds": 0, "path": "tickets/[0-9]+$"])
            _ = try await counter.lose(claim, at: "tickets/[0-9]+$")
            #expect(try await counter.said() == ["It burns.", "We come."])
        }
    }

    @Test func `is nothing to be changed where there is no such ticket`() async throws {
        try await Self.with { counter async throws in
            let claim = try await counter.claim(
                "update_ticket", ["ticket_id": 4_711, "changes": ["priority": "high"]])
            #expect(try death(of: await counter.bench.attempt(claim)).kind == .missing)
        }
    }
}
