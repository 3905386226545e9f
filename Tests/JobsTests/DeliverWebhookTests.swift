import Core
import Store
import Queue
import Automation
import Integrations
import Jobs
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `The job deliver_webhook` {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func arguments(_ url: String, _ connection: ID? = nil) -> JSON {
        var members: [JSON.Member] = [
            .init("url", .string(url)), .init("type", "task.created"), .init("data", ["id": 7]),
        ]
        if let connection { members.append(.init("connection_id", JSON(connection))) }
        return .object(members)
    }

    private func connection(_ bench: Bench, secret: String = secret) async throws -> ID {
        let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
        return try await bench.tools.connections.add(
            Providers.named("webhook"), "Receiver", ["webhook_secret": secret], through: store
        ).id
    }

    @Test(arguments: [
        "http://127.0.0.1:9/", "http://localhost:9/", "http://10.0.0.1/", "http://169.254.169.254/latest",
        "http://[::1]:9/", "http://0x7f000001/",
    ])
    func `calls no address of a private network`(_ url: String) async throws {
        try await Bench.with { bench async throws in
            let failure = try death(
                of: await bench.attempt(
                    bench.claim("deliver_webhook", arguments(url, connection(bench)))))
            #expect(failure.kind == .forbidden || failure.kind == .invalid)
        }
    }

    @Test func `refuses a secret that is none and never repeats it`() async throws {
        try await Bench.with { bench async throws in
            let connection = try await connection(bench, secret: "hunter2")
            let claim = try await bench.claim(
                "deliver_webhook", arguments("https://example.org/", connection))
            let failure = try death(of: await bench.attempt(claim))
            #expect(failure.pointer == "/arguments/connection_id")
            #expect(!failure.message.contains("hunter2"))
        }
    }

    @Test func `takes no secret as an argument`() {
        let json: JSON = [
            "url": "https://a.example/", "type": "t", "data": [:], "secrets": [.string(Self.secret)],
        ]
        let failure = #expect(throws: Failure.self) {
            try catalogue.check("deliver_webhook", arguments: json)
        }
        #expect(failure?.pointer == "/arguments/secrets")
        #expect(failure?.message.contains("MfKQ") == false)
    }

    @Test func `is not sent unsigned`() async throws {
        try await Bench.with { bench async throws in
            let claim = try await bench.claim("deliver_webhook", arguments("https://example.org/"))
            let failure = try death(of: await bench.attempt(claim))
            #expect(failure.pointer == "/arguments/connection_id")
        }
    }

    @Test func `is tried again on the schedule of the specification`() {
        let policy = catalogue.policy("deliver_webhook")
        #expect(policy?.attempts == 8)
        #expect(policy?.backoff.pause(after: 1, seed: 0) == .seconds(5))
        #expect(policy?.backoff.pause(after: 7, seed: 0) == .seconds(36_000))
    }

    @Test func `comes back later when nobody answers`() async throws {
        let webhooks = try Webhooks.Settings(allowing: ["127.0.0.1/32"])
        try await Bench.with(webhooks: webhooks) { bench async throws in
            let verdict = await bench.attempt(
                try await bench.claim(
                    "deliver_webhook", arguments("http://127.0.0.1:1/", connection(bench))))
            guard case .retry(let pause, _) = verdict else {
                Issue.record("not retried but \(verdict)")
                return
            }
            #expect(pause == .seconds(5))
        }
    }
}
