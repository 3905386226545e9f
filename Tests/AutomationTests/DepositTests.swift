import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@testable import Automation

@Suite struct `What a provider told us` {
    private let text =
        "{\"update_id\":7,\"message\":{\"message_id\":1,\"chat\":{\"id\":5},"
        + "\"text\":\"My account number is 4711\"}}"

    /// A call that is kept, and the connection that it came over.
    private func keep(_ house: ConnectionHouse) async throws -> Store.Deliveries.Entry {
        let connection = try await house.connections.add(
            Provider.telegram, "Bot", ["bot_token": "1:x"], through: house.store)
        let scheme = try #require(Schemes.of("telegram"))
        let call = Arrival(
            url: "", headers: [.init("Content-Type", "application/json")], body: Array(text.utf8))
        let delivery = try await Deposit(house.tools, in: house.workspace)
            .delivery(of: call, by: scheme, over: connection.id)
        #expect(try await house.store.deliveries.add(delivery))
        return try #require(try await house.store.deliveries.find(delivery.id))
    }

    private func open(_ house: ConnectionHouse, _ delivery: Store.Deliveries.Entry) async throws -> String {
        let call = try await Deposit(house.tools, in: house.workspace).call(delivery)
        return String(decoding: call.body, as: UTF8.self)
    }

    @Test(arguments: Engine.allCases)
    func `cannot be read where it lies, and opens for its job`(_ engine: Engine) async throws {
        try await ConnectionHouse.with(engine) { house in
            let kept = try await keep(house)
            #expect(kept.key != nil)
            let lying = String(decoding: kept.body, as: UTF8.self) + kept.name + kept.headers.text
            for word in ["4711", "account", "update_id"] { #expect(!lying.contains(word)) }
            #expect(kept.name.count == 64 && kept.name != "7")
            #expect(try await open(house, kept) == text)
        }
    }

    @Test func `opens in no other place`() async throws {
        try await ConnectionHouse.with { house in
            let kept = try await keep(house)
            let moved = Store.Deliveries.Entry(
                connection: kept.connection, provider: kept.provider, name: "x", proof: nil,
                headers: kept.headers, key: kept.key, body: kept.body)
            #expect(await failure { try await open(house, moved) }?.kind == .broken)
        }
    }

    @Test func `opens after the keys were changed`() async throws {
        try await ConnectionHouse.with { house in
            let kept = try await keep(house)
            _ = try await Rotation(house.tools.vault).renewSecrets()
            _ = try await Rotation(house.tools.vault).renewMasters()
            #expect(try await open(house, kept) == text)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is gone once a job was done with it, and still known when it comes again`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let kept = try await keep(house)
            try await house.store.deliveries.empty(kept.id)
            #expect(try await house.store.deliveries.find(kept.id)?.body == kept.body)
            let said = try await Inbox(kept, in: house.workspace, house.tools).take()
            let after = try #require(try await house.store.deliveries.find(kept.id))
            #expect(after.body.isEmpty && after.key == nil && after.takenAt != nil)
            #expect(said.outcome == "message on telegram")
            let again = try await Inbox(after, in: house.workspace, house.tools).take()
            #expect(again.outcome == "done before")
            #expect(try await !house.store.deliveries.add(kept))
        }
    }

    @Test func `is named by each word once`() {
        let news = (0..<1_000).map { $0 % 10 == 0 ? News.change : .other("open") }
        #expect(Inbox.outcome(of: news + [.other("click")]) == "change (100), open (900), click")
        let many = (0..<1_000).map { News.other("event \($0)") }
        #expect(Inbox.outcome(of: many).unicodeScalars.count == 500)
    }
}
