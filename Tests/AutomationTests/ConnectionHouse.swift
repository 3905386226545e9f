import Automation
import Core
import Curl
import Foundation
import Integrations
import Store
import TestHouse
import Testing
import Workspace

/// A house of one test's own, whose mailbox provider is the authorization server among the stand-ins.
struct ConnectionHouse: Sendable {
    let fresh: FreshStore
    let tools: Tools
    /// As whom we are registered there; no other test is.
    let service: StandIns
    let user: ID

    var workspace: ID { fresh.workspace }
    var store: Store { fresh.store.scoped(Scope(workspace: workspace)) }
    var connections: Connections { tools.connections }

    static func with(
        _ engine: Engine = .sqlite, masters: MasterKeys? = nil, _ body: (ConnectionHouse) async throws -> Void
    ) async throws {
        let service = StandIns("oauth", account: "client-\(ID())")
        let base = try service.base
        let masters = try masters ?? MasterKeys(MasterKeys.made("test"))
        try await FreshStore.with(engine) { fresh async throws in
            let integrations = Integrations(
                .init(
                    mail: .init(sender: .init("atom@example.org")),
                    bases: [
                        "gmail": "\(base)/api", "gmail.authorize": "\(base)/authorize",
                        "gmail.token": "\(base)/token", "gmail.revoke": "\(base)/revoke",
                    ],
                    clients: ["gmail": .init(id: service.account, secret: "secret-of-\(service.account)")]),
                outbox: SandboxKeeper(fresh.store), log: .quiet)
            let tools = Tools(
                store: fresh.store, integrations: integrations, uploads: Uploads(folder: "/nonexistent"),
                masters: masters)
            let user = Store.Users.Entry(
                workspace: fresh.workspace, email: "keeper@example.org", name: "Keeper", role: .admin)
            try await fresh.store.users.create(user)
            try await body(ConnectionHouse(fresh: fresh, tools: tools, service: service, user: user.id))
            integrations.close()
        }
    }

    /// Another process of the same house.
    func another() -> Connections { Connections(fresh.store, tools.integrations, tools.vault) }

    func begin(for connection: ID? = nil, redirect: String? = nil) async throws -> Consents.Begun {
        try await Consents(connections).begin(
            .init(
                provider: .gmail, connection: connection, name: "Mailbox", fields: [:], user: user,
                session: nil,
                callback: "https://atom.example.org/back", redirect: redirect), through: store)
    }

    /// Sends the person to the service, which consents, and reads what it sends them back with.
    func consent(_ begun: Consents.Begun) async throws -> Consents.Reply {
        var request = Curl.Request("GET", begun.address)
        request.addresses = .open
        let curl = Curl()
        defer { curl.close() }
        let response = try await curl.send(request)
        let location = try #require(response.head["location"])
        let pairs = location.split(separator: "?")[1].split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts[0], parts[1].removingPercentEncoding ?? "")
        }
        let values = Dictionary(pairs) { $1 }
        return Consents.Reply(
            state: values["state"] ?? "", code: values["code"], error: values["error"], issuer: values["iss"])
    }

    /// A connection by consent.
    func connected() async throws -> ID {
        let begun = try await begin()
        let reply = try await consent(begun)
        return try await Consents(connections).end(reply, .binding(begun.binding)).connection.id
    }

    func ask(_ connections: Connections, _ id: ID) async throws {
        let connection = try await connections.open(id, in: workspace)
        _ = try await connection.line.ask(Curl.Request("GET", "/users/me/profile"))
    }

    func row(_ id: ID) async throws -> Item { try await store.rows(.connections).require(id) }
}

/// The failure that `body` throws.
func failure(_ body: () async throws -> some Sendable) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? Failure }
}
