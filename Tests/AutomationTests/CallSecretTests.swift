import Automation
import Core
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
}
