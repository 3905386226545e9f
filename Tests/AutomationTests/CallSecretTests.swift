import Automation
import Core
import Integrations
import SQL
import Store
import TestHouse
import Testing

@Suite struct `The secret of calls to us` {
    @Test(arguments: Engine.allCases)
    func `does not get lost, nor loses an access token that is renewed at once`(
        _ engine: Engine
    ) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.service.act(["expire": true])
            try await house.service.fault(["kind": "slow", "seconds": 0.6, "path": "/token"])
            let asking = Task { try await house.ask(house.connections, id) }
            while try await house.service.effects("refresh").isEmpty {
                try await Task.sleep(for: .milliseconds(10))
            }
            _ = try await house.connections.setCallSecret(of: id, to: "new-secret", in: house.workspace)
            try await asking.value
            try await house.ask(house.another(), id)
            #expect(try await house.service.effects("refresh").count == 1)
            let secrets = {
                try await house.connections.callSecrets(
                    of: id, named: ["webhook_secret"], in: house.workspace)
            }
            #expect(try await secrets() == ["new-secret"])
            // The service goes on to call when the connection is made anew.
            let begun = try await house.begin(for: id)
            _ = try await Consents(house.connections).end(
                try await house.consent(begun), .binding(begun.binding))
            #expect(try await secrets() == ["new-secret"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `before this one is good for a day, and then gone from what is kept`(_ engine: Engine) async throws {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            for secret in ["first-secret", "second-secret"] {
                _ = try await house.connections.setCallSecret(of: id, to: secret, in: house.workspace)
            }
            let both = { () async throws -> [String] in
                try await house.connections.callSecrets(
                    of: id, named: ["webhook_secret", "webhook_secret_old"], in: house.workspace)
            }
            #expect(try await both() == ["second-secret", "first-secret"])
            let (kept, turn) = try await house.kept(id)
            let end = try #require(kept["webhook_secret_old_until"].flatMap { Moment($0) })
            let left = (end - .now).seconds
            #expect(left > 86_400 - 120 && left <= 86_400, "\(left)")
            // Until then it goes along when the connection is made anew, with the end that it has.
            let begun = try await house.begin(for: id)
            _ = try await Consents(house.connections).end(
                try await house.consent(begun), .binding(begun.binding))
            #expect(try await both() == ["second-secret", "first-secret"])
            #expect(try await house.kept(id).fields["webhook_secret_old_until"] == end.text)

            let past = Moment(microseconds: Moment.now.microseconds - 1_000_000).text
            try await house.change(id) { $0["webhook_secret_old_until"] = past }
            #expect(try await both() == ["second-secret"])
            let (after, later) = try await house.kept(id)
            #expect(after.keys.filter { $0.hasPrefix("webhook_secret") } == ["webhook_secret"])
            // Nobody who renews the token meanwhile is in its way.
            #expect(later == turn + 1)
            try await house.ask(house.connections, id)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of which nobody said how long it is good gets an end when it is read`(_ engine: Engine) async throws
    {
        try await ConnectionHouse.with(engine) { house in
            let id = try await house.connected()
            try await house.change(id) {
                ($0["webhook_secret"], $0["webhook_secret_old"]) = ("second-secret", "first-secret")
            }
            let line = try await house.connections.open(id, in: house.workspace).line
            #expect(line.credentials["webhook_secret_old"] == "first-secret")
            let end = try await house.kept(id).fields["webhook_secret_old_until"].flatMap { Moment($0) }
            #expect(try #require(end) > .now)
        }
    }
}

extension ConnectionHouse {
    /// What is sealed of a connection.
    fileprivate func kept(_ id: ID) async throws -> (fields: [String: String], turn: Int) {
        let sealed = try #require(try await store.connections.sealed(id))
        let plain = try await tools.vault.open(
            sealed.text, key: sealed.key, for: "connections/\(id)/credentials", in: workspace)
        let members = try #require(try JSONParser.parse(plain).members)
        return (
            Dictionary(members.map { ($0.name, $0.value.string ?? "") }) { $1 }, sealed.turn
        )
    }

    fileprivate func change(_ id: ID, _ edit: (inout [String: String]) -> Void) async throws {
        let sealed = try #require(try await store.connections.sealed(id))
        var (fields, _) = try await kept(id)
        edit(&fields)
        let json = JSON.object(fields.map { .init($0.key, .string($0.value)) })
        let (key, text) = try await tools.vault.seal(
            json.bytes, for: "connections/\(id)/credentials", in: workspace)
        #expect(try await store.connections.reseal(sealed, of: id, key: key, as: text))
    }
}
