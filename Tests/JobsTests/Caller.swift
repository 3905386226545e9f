import Automation
import Core
import Integrations
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

/// A connection of one test's own, and calls that come over it.
struct Caller {
    let bench: Bench
    let connection: ID
    let provider: String

    init(_ bench: Bench, _ provider: Provider, _ fields: [String: String] = [:]) async throws {
        self.bench = bench
        self.provider = provider.name
        connection = try await bench.tools.connections.add(
            provider, "test", fields,
            through: bench.house.store.scoped(Scope(workspace: bench.house.workspace))
        ).id
    }

    var store: Store { bench.house.store.scoped(Scope(workspace: bench.house.workspace)) }

    /// Keeps a call, as one that no other is like, and runs its job; what the job says.
    @discardableResult
    func call(_ body: String, headers: JSON = [:]) async throws -> JSON {
        try result(of: await take(try await keep(body, headers: headers)))
    }

    func keep(_ body: String, headers: JSON = [:]) async throws -> ID {
        let call = Arrival(
            url: "",
            headers: (headers.members ?? []).map { Arrival.Header($0.name, $0.value.string ?? "") },
            body: Array(body.utf8))
        let scheme = try #require(Schemes.of(provider))
        let kept = try await Deposit(bench.tools, in: bench.house.workspace)
            .delivery(of: call, by: scheme, over: connection)
        let delivery = Store.Deliveries.Entry(
            id: kept.id, connection: connection, provider: provider, name: ID().text, proof: nil,
            headers: kept.headers, key: kept.key, body: kept.body)
        #expect(try await store.deliveries.add(delivery))
        return delivery.id
    }

    func take(_ delivery: ID) async throws -> Verdict {
        await bench.attempt(try await bench.claim("take_delivery", ["delivery_id": JSON(delivery)]))
    }

    func form(_ body: String) async throws {
        try await call(body, headers: ["content-type": "application/x-www-form-urlencoded"])
    }

    var messages: [Item] {
        get async throws { try await store.rows(.messages).list(Rows.Query()) }
    }

    /// The jobs that follow and are not pushed yet.
    func jobs(_ name: String) async throws -> [Envelope] {
        try await bench.house.store.outbox.unpushed(before: .now + .seconds(60), limit: 100)
            .map { try Envelope($0.envelope) }.filter { $0.name == name }
    }
}
