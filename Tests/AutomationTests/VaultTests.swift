import Automation
import Core
import Foundation
import Integrations
import SQL
import Store
import Synchronization
import TestHouse
import Testing
import Workspace

@Suite struct `The vault` {
    private static let place = "connections/x/credentials"

    @Test(arguments: Engine.allCases) func `opens what it sealed, for that place alone`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let vault = house.tools.vault
            let (key, text) = try await vault.seal(Array("hidden".utf8), for: Self.place, in: house.workspace)
            #expect(!text.contains("hidden"))
            let plain = try await vault.open(text, key: key, for: Self.place, in: house.workspace)
            #expect(plain == Array("hidden".utf8))
            let elsewhere = await failure {
                try await vault.open(text, key: key, for: "connections/y/credentials", in: house.workspace)
            }
            #expect(elsewhere?.kind == .broken)
            let changed = String(text.dropLast(6)) + "AAAAA="
            #expect(
                await failure {
                    try await vault.open(changed, key: key, for: Self.place, in: house.workspace)
                } != nil)
            #expect(
                await failure { try await vault.open(text, key: key, for: Self.place, in: house.fresh.other) }
                    != nil)
        }
    }

    @Test(arguments: Engine.allCases) func `opens no secret that was put in another's row`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let ids = try await house.pair()
            for id in ids { _ = try await house.connections.open(id, in: house.workspace) }
            let database = house.fresh.database
            try await database.execute(
                "update connection_secrets set turn = -1, connection_id = connection_id")
            let rows = try await database.query(
                "select connection_id, sealed from connection_secrets order by connection_id"
            ).map { (try $0.get("connection_id", as: String.self), try $0.get("sealed", as: String.self)) }
            for (target, source) in [(0, 1), (1, 0)] {
                try await database.execute(
                    "update connection_secrets set sealed = $1 where connection_id = $2",
                    [.text(rows[source].1), .text(rows[target].0)])
            }
            for id in ids {
                #expect(
                    await failure { try await house.connections.open(id, in: house.workspace) }?.kind
                        == .broken)
            }
        }
    }

    @Test(arguments: Engine.allCases) func `makes one first key, however many need it at once`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let sealed = try await withThrowingTaskGroup(of: (ID, String).self) { group in
                for number in 0..<24 {
                    group.addTask {
                        try await Vault(house.tools.vault, over: house.fresh.store).seal(
                            Array("secret \(number)".utf8), for: Self.place, in: house.workspace)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(sealed.map(\.0)).count == 1)
            #expect(try await house.fresh.store.workspaceKeys.list(house.workspace).count == 1)
            for (key, text) in sealed {
                _ = try await house.tools.vault.open(text, key: key, for: Self.place, in: house.workspace)
            }
        }
    }

    @Test func `knows its own marks, for their use alone, and those of the key before`() async throws {
        let old = MasterKeys.made("old")
        try await ConnectionHouse.with(masters: try MasterKeys(old)) { house in
            let mark = house.tools.vault.mark("text", for: "consent")
            let next = Vault(try MasterKeys("\(MasterKeys.made("new")),\(old)"), house.fresh.store)
            #expect(next.isMarked("text", mark, for: "consent"))
            #expect(!next.isMarked("texts", mark, for: "consent"))
            #expect(!next.isMarked("text", mark, for: "other"))
            let stranger = Vault(try MasterKeys(MasterKeys.made("old")), house.fresh.store)
            #expect(!stranger.isMarked("text", mark, for: "consent"))
        }
    }
}

@Suite struct `A rotation of keys` {
    /// ATOM_TEST_SECRETS makes it as large as wanted.
    private static let count = Int(ProcessInfo.processInfo.environment["ATOM_TEST_SECRETS"] ?? "") ?? 400

    @Test(arguments: Engine.allCases) func `disturbs nobody who reads, and needs the old keys no more`(
        _ engine: Engine
    ) async throws {
        let (old, new) = (MasterKeys.made("old"), MasterKeys.made("new"))
        try await ConnectionHouse.with(engine, masters: try MasterKeys(old)) { house in
            let ids = try await house.many(Self.count)
            let both = Vault(try MasterKeys("\(new),\(old)"), house.fresh.store)
            let reader = Connections(house.fresh.store, house.tools.integrations, both)
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !tally.isOver.load(ordering: .relaxed) {
                            let index = Int.random(in: ids.indices)
                            let connection = try await reader.open(ids[index], in: house.workspace)
                            #expect(connection.line.credentials["access_token"] == "secret \(index)")
                            tally.reads.add(1, ordering: .relaxed)
                        }
                    }
                }
                let began = ContinuousClock.now
                #expect(try await Rotation(both).renewMasters().keys == 1)
                #expect(try await Rotation(both).renewSecrets().secrets == ids.count)
                let took = ContinuousClock.now - began
                tally.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
                print(
                    "rotation: \(ids.count) secrets on \(engine) in \(took), beside "
                        + "\(tally.reads.load(ordering: .relaxed)) reads"
                )
            }
            let after = Vault(try MasterKeys(new), house.fresh.store)
            let fresh = Connections(house.fresh.store, house.tools.integrations, after)
            for index in stride(from: 0, to: ids.count, by: max(1, ids.count / 100)) {
                let connection = try await fresh.open(ids[index], in: house.workspace)
                #expect(connection.line.credentials["access_token"] == "secret \(index)")
            }
            let keys = try await house.fresh.database.query("select distinct key_id from connection_secrets")
            #expect(keys.count == 1)
            // The key before went out of use.
            #expect(
                await failure { try await house.connections.open(ids[0], in: house.workspace) }?.kind
                    == .unavailable)
            #expect(try await Rotation(after).renewMasters().keys == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `lets the keys go that nothing is sealed with, before the eyes of readers`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let (ids, rotation) = (try await house.many(60), Rotation(house.tools.vault))
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !tally.isOver.load(ordering: .relaxed) {
                            let index = Int.random(in: ids.indices)
                            let connection = try await house.connections.open(ids[index], in: house.workspace)
                            #expect(connection.line.credentials["access_token"] == "secret \(index)")
                            tally.reads.add(1, ordering: .relaxed)
                        }
                    }
                }
                for _ in 0..<8 {
                    #expect(try await rotation.renewSecrets().secrets == ids.count)
                    #expect(try await rotation.dropUnused(after: .seconds(-60)) == 1)
                }
                // Not one that was in use a moment ago, for jobs hold words of their own.
                _ = try await rotation.renewSecrets()
                #expect(try await rotation.dropUnused() == 0)
                tally.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
            #expect(try await house.fresh.store.workspaceKeys.list(house.workspace).count == 2)
            #expect(tally.reads.load(ordering: .relaxed) > 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps every key that something is sealed with`(_ engine: Engine) async throws {
        try await ConnectionHouse.with(engine) { house in
            let rotation = Rotation(house.tools.vault)
            let drop = { try await rotation.dropUnused(after: .seconds(-60)) }
            let begun = try await house.begin()
            let delivery = try await house.deliver()
            let action = try await house.propose()
            _ = try await rotation.renewSecrets()
            #expect(try await drop() == 0)
            let reply = try await house.consent(begun)
            _ = try await Consents(house.connections).end(reply, .binding(begun.binding))
            // A consent that was used is over ten minutes after it began, whatever became of it.
            let database = house.fresh.database
            try await database.execute("update consents set expires_at = 0")
            #expect(try await drop() == 0)
            try await database.execute("update deliveries set key_id = null")
            #expect(try await drop() == 0)
            #expect(try await house.store.actionSeals.find(action) != nil)
            try await database.execute("update ai_actions set status = 'rejected'")
            #expect(try await drop() == 1)
            #expect(try await house.store.deliveries.find(delivery) != nil)
            #expect(try await house.fresh.store.workspaceKeys.list(house.workspace).count == 1)
        }
    }

    @Test(arguments: Engine.allCases) func `loses no change that is made meanwhile`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let ids = try await house.many(40)
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !tally.isOver.load(ordering: .relaxed) {
                        _ = try await Rotation(house.tools.vault).renewSecrets()
                    }
                }
                for round in 1...3 {
                    for id in ids {
                        _ = try await house.connections.connect(
                            id, .init(fields: ["access_token": "round \(round)"]), through: house.store)
                    }
                }
                tally.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
            for id in ids {
                let connection = try await house.connections.open(id, in: house.workspace)
                #expect(connection.line.credentials["access_token"] == "round 3")
            }
        }
    }
}

/// What readers beside a rotation did.
private final class Tally: Sendable {
    let reads = Atomic(0)
    let isOver = Atomic(false)
}

extension ConnectionHouse {
    /// A call of a provider that no job has taken yet.
    fileprivate func deliver() async throws -> ID {
        let connection = try await connections.add(.webhook, "Calls", [:], through: store)
        let call = Arrival(url: "", headers: [], body: Array("{}".utf8))
        let scheme = try #require(Schemes.of("webhook"))
        let delivery = try await Deposit(tools, in: workspace)
            .delivery(of: call, by: scheme, over: connection.id)
        #expect(try await store.deliveries.add(delivery))
        return delivery.id
    }

    /// A proposal that waits for its person.
    fileprivate func propose() async throws -> ID {
        let own = fresh.store.scoped(Scope(workspace: workspace, user: user, actor: "user:\(user)"))
        let parameters: JSON = ["title": "Pay the rent"]
        return try await Actions(own, tools.vault).propose(
            .init(tool: "create_task", parameters: parameters)
        ).id
    }

    fileprivate func pair() async throws -> [ID] { try await many(2) }

    /// That many connections, each with the secret of its number.
    fileprivate func many(_ count: Int) async throws -> [ID] {
        var ids: [ID] = []
        for start in stride(from: 0, to: count, by: 500) {
            ids += try await store.transaction { store in
                var ids: [ID] = []
                for number in start..<min(start + 500, count) {
                    let fields = ["access_token": "secret \(number)"]
                    ids.append(
                        try await connections.add(.gmail, "Mailbox \(number)", fields, through: store).id)
                }
                return ids
            }
        }
        return ids
    }
}
