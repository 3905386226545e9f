import Core
import Curl
import Integrations
import Store
import TestHouse
import Testing

@testable import API

/// A connection whose provider calls, over HTTP.
struct Hooked {
    let house: Running
    let connection: String
    /// The path of its address.
    let path: String
    let made: String?
    /// The provider's side, where a stand-in plays it.
    var there: StandIns?

    static let home = "https://atom.example.org"

    static func with(
        _ engine: Engine = .sqlite, _ body: (Running) async throws -> Void
    ) async throws {
        try await Running.with(
            engine, adjust: { $0.publicURL = home },
            services: { $0.bases["telegram"] = try StandIns.base("telegram") }, body)
    }

    /// A bot of its own, which Telegram's stand-in knows.
    static func bot(_ house: Running, secret: String? = "s1") async throws -> Hooked {
        let number = "\(UInt32.random(in: 1...UInt32.max))"
        var hook = try await Hooked(
            house, "telegram", ["bot_token": .string("\(number):secret-\(number)")], secret: secret)
        hook.there = StandIns("telegram", account: number)
        return hook
    }

    init(
        _ house: Running, _ provider: String, _ fields: JSON = [:], secret: String? = nil
    ) async throws {
        self.house = house
        let made = try await house.post(
            "/api/integrations/\(provider)/connect", ["name": .string("Test \(ID())"), "fields": fields])
        #expect(made.status == 201, "\(made.text)")
        connection = try #require(made.json["id"]?.string)
        let hook = try await house.send(
            "PUT", "/api/integrations/\(connection)/hook", secret.map { ["secret": .string($0)] } ?? [:])
        #expect(hook.status == 200, "\(hook.text)")
        self.made = hook.json["secret"]?.string
        let url = try #require(hook.json["url"]?.string)
        #expect(url.hasPrefix("\(Self.home)/hooks/\(provider)/"))
        path = String(url.dropFirst(Self.home.count))
    }

    func call(
        _ body: String, _ headers: [String: String], method: String = "POST", query: String = ""
    ) async throws -> Heard {
        try await house.ask(
            method, path + query, body.isEmpty ? .none : .bytes(Array(body.utf8)),
            as: .init(
                key: nil, type: headers["Content-Type"] ?? "application/json",
                headers: headers.filter { $0.key != "Content-Type" }))
    }

    /// The deliveries that are kept, each of them with a job.
    func jobs() async throws -> Int { try await store.deliveries.count() }

    /// A message as Telegram brings it.
    static func update(_ number: Int) -> String {
        "{\"update_id\":\(number),\"message\":{\"message_id\":1,\"chat\":{\"id\":5},\"text\":\"hi\"}}"
    }

    var store: Store { house.store.scoped(Scope(workspace: house.workspace)) }
}
