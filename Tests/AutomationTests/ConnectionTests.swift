import Automation
import Core
import Curl
import Foundation
import Integrations
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A consent` {
    @Test(arguments: Engine.allCases) func `ends with a connection that works`(_ engine: Engine) async throws
    {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            let row = try await house.row(id)
            #expect(row["status"] == "active")
            #expect(row["scopes"].array?.count == 1)
            #expect(!row.values.names.contains("access_token") && row["settings"].members?.isEmpty == true)
            try await house.ask(house.connections, id)
            #expect(try await house.connections.check(id, in: house.workspace)["health"] == "ok")
            #expect(try await house.service.effects("exchange").count == 1)
        }
    }

    @Test(arguments: Engine.allCases) func `is answered once, however many try at once`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let begun = try await house.begin()
            let reply = try await house.consent(begun)
            let refusals = await withTaskGroup(of: Failure.Kind?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await failure {
                            try await Consents(house.another()).end(reply, .binding(begun.binding))
                        }?
                        .kind
                    }
                }
                return await group.reduce(into: [Failure.Kind]()) { all, kind in
                    if let kind { all.append(kind) }
                }
            }
            // The service would refuse a second code too; it must not even be asked.
            #expect(refusals == Array(repeating: .forbidden, count: 7))
            #expect(try await house.service.effects("exchange").count == 1)
        }
    }

    @Test func `is not ended by another browser or another user`() async throws {
        try await ConnectionHouse.with { house in
            let begun = try await house.begin()
            let reply = try await house.consent(begun)
            for proof in [Consents.Proof.binding(nil), .binding("x"), .user(ID())] {
                let failure = await failure { try await Consents(house.connections).end(reply, proof) }
                #expect(failure?.kind == .forbidden)
            }
            #expect(try await house.service.effects("exchange").isEmpty)
            // They could not use it up either.
            _ = try await Consents(house.connections).end(reply, .user(house.user))
        }
    }

    @Test func `does not take a state that it did not give, or gave long ago`() async throws {
        try await ConnectionHouse.with { house in
            let begun = try await house.begin()
            let reply = try await house.consent(begun)
            let parts = begun.state.split(separator: ".").map(String.init)
            for state in [
                "", "x", "\(parts[0]).", ".\(parts[1])", "\(parts[1]).\(parts[0])", "\(parts[0]).\(parts[0])",
            ] {
                let forged = Consents.Reply(state: state, code: reply.code, error: nil, issuer: nil)
                let failure = await failure {
                    try await Consents(house.connections).end(forged, .binding(begun.binding))
                }
                #expect(failure?.kind == .forbidden, "\(state)")
            }
            try await house.fresh.database.execute(
                "update consents set expires_at = \(Moment.now.microseconds)")
            #expect(
                await failure { try await Consents(house.connections).end(reply, .binding(begun.binding)) }?
                    .kind
                    == .forbidden)
        }
    }

    @Test func `is bound to its verifier, its server and its code`() async throws {
        try await ConnectionHouse.with { house in
            // Another's code, which was made for another verifier.
            let (mine, theirs) = (try await house.begin(), try await house.begin())
            let (reply, other) = (try await house.consent(mine), try await house.consent(theirs))
            let mixed = Consents.Reply(state: reply.state, code: other.code, error: nil, issuer: reply.issuer)
            let refused = await failure {
                try await Consents(house.connections).end(mixed, .binding(mine.binding))
            }
            #expect(refused?.kind == .unauthorized)
            #expect(refused?.message.contains(other.code ?? "-") == false)
            let strange = Consents.Reply(
                state: other.state, code: other.code, error: nil, issuer: "https://evil.example")
            let mixedUp = await failure {
                try await Consents(house.connections).end(strange, .binding(theirs.binding))
            }
            #expect(mixedUp?.kind == .forbidden)
            #expect(try await house.service.effects("exchange").isEmpty)
        }
    }

    @Test func `is not kept for somebody who looks after the workspace no more`() async throws {
        try await ConnectionHouse.with { house in
            let begun = try await house.begin()
            let reply = try await house.consent(begun)
            try await house.fresh.database.execute("update users set role = 'member'")
            #expect(
                await failure { try await Consents(house.connections).end(reply, .binding(begun.binding)) }?
                    .kind
                    == .forbidden)
        }
    }

    @Test func `says no in plain words`() async throws {
        try await ConnectionHouse.with { house in
            let begun = try await house.begin()
            let reply = Consents.Reply(
                state: begun.state, code: nil, error: "access_denied<script>", issuer: nil)
            let failure = await failure {
                try await Consents(house.connections).end(reply, .binding(begun.binding))
            }
            #expect(failure?.kind == .forbidden)
            #expect(
                failure?.message.contains("access_denied") == true && failure?.message.contains("<") == false)
        }
    }
}

@Suite struct `An access token` {
    @Test(arguments: Engine.allCases) func `is renewed once for all that need it, in all processes`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            // Each has its own line, and all are refused at once.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<24 { group.addTask { try await house.ask(house.another(), id) } }
                try await group.waitForAll()
            }
            #expect(try await house.service.effects("refresh").count == 1)
            #expect(try await house.service.effects("reuse").isEmpty)
            #expect(try await house.service.effects("ask").count == 24)
            #expect(try await house.row(id)["status"] == "active")
        }
    }

    @Test(arguments: Engine.allCases) func `is renewed before it ends`(_ engine: Engine) async throws {
        try await ConnectionHouse.with(engine) { house in
            try await house.service.act(["expires_in": 59])
            let id = try await house.connected()
            try await house.service.act(["expires_in": 3_600])
            for _ in 0..<3 { try await house.ask(house.connections, id) }
            #expect(try await house.service.effects("refresh").count == 1)
            let fresh = try await house.service.effects("refresh")[0]["tokens"]?["access_token"]
            #expect(try await house.service.effects("ask").allSatisfy { $0["token"] == fresh })
        }
    }

    @Test func `stays good on a line that lives longer than it`() async throws {
        try await ConnectionHouse.with { house in
            let id = try await house.connected()
            let line = try await house.connections.open(id, in: house.workspace).line
            for round in 1...3 {
                try await house.service.act(["expire": true])
                for _ in 0..<2 { _ = try await line.ask(Curl.Request("GET", "/users/me/profile")) }
                #expect(try await house.service.effects("refresh").count == round)
            }
        }
    }

    @Test(arguments: Engine.allCases) func `is renewed by the next process when one died over it`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            let end = Moment.now + .milliseconds(700)
            #expect(try await house.store.connections.claim(id, turn: 1, until: end))
            #expect(try await house.store.connections.claim(id, turn: 1, until: end) == false)
            try await house.ask(house.connections, id)
            #expect(Moment.now >= end)
            #expect(try await house.service.effects("refresh").count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `that cannot be renewed asks people to connect anew, without showing it`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.service.act(["withdraw": true])
            let failure = await failure { try await house.ask(house.connections, id) }
            #expect(failure?.kind == .unauthorized)
            let row = try await house.row(id)
            #expect(row["status"] == "needs_reauth" && row["health"] == "failing")
            let told = try await house.store.rows(.notifications).list()
            #expect(told.count == 1 && told[0].values.id("subject_id") == id)
            let all = "\(failure?.message ?? "") \(row["last_error"].text) \(told[0]["body"].text)"
            #expect(!all.contains("access-") && !all.contains("refresh-"), "\(all)")
            #expect(
                await AutomationTests.failure { try await house.ask(house.connections, id) }?.kind
                    == .conflict)
            // Connected anew, it is the same connection.
            try await house.service.act(["withdraw": false])
            let begun = try await house.begin(for: id)
            _ = try await Consents(house.connections).end(
                try await house.consent(begun), .binding(begun.binding))
            try await house.ask(house.connections, id)
            #expect(try await house.row(id)["status"] == "active")
        }
    }

    @Test func `that a busy service does not renew leaves the connection as it is`() async throws {
        try await ConnectionHouse.with { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            try await house.service.fault(["kind": "status", "status": 503, "path": "/token", "body": [:]])
            #expect(await failure { try await house.ask(house.connections, id) }?.kind == .unavailable)
            #expect(try await house.row(id)["status"] == "active")
            try await house.ask(house.connections, id)
        }
    }

    @Test func `is kept when nobody waits for it any more`() async throws {
        try await ConnectionHouse.with { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            try await house.service.fault(["kind": "slow", "seconds": 0.6, "path": "/token"])
            let asking = Task { try await house.ask(house.connections, id) }
            while try await house.service.effects("refresh").isEmpty {
                try await Task.sleep(for: .milliseconds(5))
            }
            asking.cancel()
            _ = await asking.result
            try await house.ask(house.another(), id)
            #expect(try await house.service.effects("refresh").count == 1)
            #expect(try await house.row(id)["status"] == "active")
        }
    }

    @Test(arguments: Engine.allCases) func `that comes late does not replace what was connected meanwhile`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            try await house.service.fault(["kind": "slow", "seconds": 0.6, "path": "/token"])
            async let late: Failure? = AutomationTests.failure { try await house.ask(house.another(), id) }
            while try await house.service.effects("refresh").isEmpty {
                try await Task.sleep(for: .milliseconds(5))
            }
            _ = try await house.connections.connect(
                id, .init(fields: ["access_token": "by hand"]), through: house.store)
            #expect(await late?.kind == .conflict)
            let line = try await house.connections.open(id, in: house.workspace).line
            #expect(line.credentials["access_token"] == "by hand")
        }
    }

    @Test(arguments: Engine.allCases) func `is taken back with its connection`(_ engine: Engine) async throws
    {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            #expect(try await house.connections.remove(id, version: nil, through: house.store))
            #expect(try await house.service.effects("revoke").count == 1)
            let left = try await house.fresh.database.query("select count(*) as n from connection_secrets")
            #expect(try left[0].get("n", as: Int.self) == 0)
        }
    }
}
