import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

enum TicketPause {
    /// Longer than what Zendesk takes for one moment.
    static let tick: Duration = .milliseconds(1_100)
}

/// One Zendesk with one project of ours.
struct Desk: Sendable {
    let house: SyncHouse
    let project: ID

    var store: Store { house.store }

    private static func fields(_ project: ID, _ subdomain: String) -> [String: String] {
        ["email": "agent@example.org", "subdomain": subdomain, "project_id": project.text]
    }

    static func with(_ engine: Engine = .sqlite, _ body: (Desk) async throws -> Void) async throws {
        let project = ID()
        try await SyncHouse.with(
            .zendesk, ("api_token", ""), fields(project, "acme"), on: engine
        ) { house async throws in
            try await house.store.rows(.projects).create(Values(["name": "Support"]), id: project)
            try await house.stand.act([
                "settings": ["export_rate": 1_000, "rate": 10_000, "update_rate": 1_000]
            ])
            try await body(Desk(house: house, project: project))
        }
    }

    /// Deletes the connection.
    func part() async throws {
        _ = try await house.tools.connections.remove(house.connection.id, version: nil, through: store)
    }

    /// The same two with another connection between them.
    func connected(to subdomain: String) async throws -> Desk {
        let fields = Self.fields(project, subdomain).merging(["api_token": house.stand.account]) { $1 }
        let row = try await house.tools.connections.add(
            .zendesk, "Again at \(subdomain)", fields, through: store)
        let connection = try await house.tools.connections.open(row.id, in: house.house.workspace)
        let again = SyncHouse(
            house: house.house, tools: house.tools, stand: house.stand, connection: connection)
        return Desk(house: again, project: project)
    }

    func say(_ text: String, on task: ID) async throws {
        try await store.rows(.comments).create(
            Values(["task_id": JSON(task), "content": .string(text)]))
    }

    func ticket(subject: String, priority: String? = nil, tags: [String] = []) async throws -> Int64 {
        let made = try await house.stand.act([
            "ticket": [
                "subject": .string(subject), "comment": ["body": .string("What of \(subject)?")],
                "priority": JSON(priority), "tags": .array(tags.map(JSON.string)),
            ]
        ])
        return try #require(made["id"]?.integer)
    }

    /// An agent changes a ticket.
    func agent(_ id: Int64, _ changes: [JSON.Member]) async throws {
        try await house.stand.act(["update": .object([.init("id", .integer(id))] + changes)])
    }

    func agent(_ id: Int64, _ changes: KeyValuePairs<String, JSON>) async throws {
        try await agent(id, changes.map { JSON.Member($0.key, $0.value) })
    }

    func said(_ id: Int64, _ text: String) async throws {
        try await agent(id, ["comment": ["body": .string(text)]])
    }

    func tickets() async throws -> [JSON] {
        try await house.stand.act(["dump": true])["tickets"]?.array ?? []
    }

    func task(_ title: String, status: String) async throws -> ID {
        try await store.rows(.tasks).create(
            Values([
                "title": .string(title), "status": .string(status), "project_id": JSON(project),
            ])
        ).id
    }

    func change(_ task: ID, _ values: [String: JSON]) async throws {
        try await store.rows(.tasks).update(task, Values(values))
    }

    /// One sync, and the jobs that it asks for; the pairs that are due after it.
    @discardableResult
    func sync() async throws -> Int {
        try await house.read()
        return try await work()
    }

    /// The jobs that are asked for.
    func work() async throws -> Int {
        let jobs = try await store.outbox.unpushed(before: .now, limit: 1_000)
        for entry in jobs {
            let envelope = try Envelope(entry.envelope)
            let arguments = try JSONParser.parse(envelope.arguments)
            let sync = TicketSync(house.connection, house.tools, store, job: ID(), attempt: 1)
            guard let pair = arguments["pair_id"]?.string.flatMap({ ID($0) }) else { continue }
            do { _ = try await sync.run(pair) } catch let failure as Failure where failure.isWorthRetrying {
                continue
            }
        }
        try await store.outbox.markPushed(jobs.map(\.id))
        return jobs.count
    }

    /// Syncs until there is nothing to be done.
    func settle() async throws {
        for turn in 0... {
            try #require(turn < 20, "the two sides do not come to rest")
            if try await sync() == 0 { return }
            try await Task.sleep(for: TicketPause.tick)
        }
    }
}
