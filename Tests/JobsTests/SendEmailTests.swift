import Core
import Work
import Queue
import Automation
import Integrations
import Jobs
import Store
import TestHouse
import Testing

@Suite struct `The job send_email` {
    private let mail: JSON = ["to": ["ada@example.org"], "subject": "Grüße", "text": "Hello."]

    @Test(arguments: Engine.allCases)
    func `delivers to the sandbox and says so in its receipt`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let receipt = try result(of: await bench.attempt(bench.claim("send_email", mail)))
            #expect(receipt["sandbox"]?.bool == true)
            let letters = try await bench.house.store.sandbox.list(bench.house.workspace)
            #expect(letters.map(\.recipient) == ["ada@example.org"])
            #expect(
                letters.first?.raw.contains("=?utf-8?") == true
                    || letters.first?.raw.contains("=?UTF-8?") == true)
            #expect(try await bench.house.store.sandbox.list(bench.house.other).isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `brings a sealed word to whom it was sealed for, and to nobody else`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let store = bench.house.store
            let word = try await SealedWord(
                "canary-123", to: ["ada@example.org"], with: bench.tools.vault, in: bench.house.workspace)
            let mail: JSON = [
                "to": ["ada@example.org"], "subject": "S", "text": "<{secret}>", "sealed": word.json,
            ]
            #expect(!mail.text.contains("canary"))
            _ = try result(of: await bench.attempt(bench.claim("send_email", mail)))
            #expect(
                try await store.sandbox.list(bench.house.workspace).first?.raw.contains("<canary-123>")
                    == true)
            let others: [JSON] = [
                ["to": ["eve@example.org"], "subject": "S", "text": "{secret}", "sealed": word.json],
                [
                    "to": ["ada@example.org", "eve@example.org"], "subject": "S", "text": "{secret}",
                    "sealed": word.json,
                ],
                [
                    "to": ["ada@example.org"], "cc": ["eve@example.org"], "subject": "S", "text": "{secret}",
                    "sealed": word.json,
                ],
            ]
            for other in others {
                let verdict = await bench.attempt(try await bench.claim("send_email", other))
                if case .done = verdict { Issue.record("was sent: \(other.text)") }
            }
            #expect(try await store.sandbox.list(bench.house.workspace).count == 1)
        }
    }

    @Test func `sends nothing a second time when the attempt runs again`() async throws {
        try await Bench.with { bench async throws in
            let claim = try await bench.claim("send_email", mail)
            let first = try result(of: await bench.attempt(claim))
            let second = try result(of: await bench.attempt(claim))
            #expect(first == second)
            #expect(try await bench.house.store.sandbox.list(bench.house.workspace).count == 1)
        }
    }

    @Test func `is dead as unknown, and not sent, when an attempt died on the way`() async throws {
        try await Bench.with { bench async throws in
            let claim = try await bench.claim("send_email", mail)
            let message = Mail.Message(
                id: claim.envelope.id.text, to: [.init("ada@example.org")], subject: "Grüße", text: "Hello.",
                date: claim.envelope.created)
            let hash = try bench.tools.integrations.mail.digest(of: message)
            _ = try await bench.house.store.effects.begin(
                bench.house.workspace, key: "send_email:\(claim.envelope.id)",
                .init(provider: "smtp", requestHash: hash, job: claim.envelope.id, attempt: 1))
            let failure = try death(of: await bench.attempt(claim))
            #expect(failure.message.hasPrefix("unknown"))
            #expect(try await bench.house.store.sandbox.list(bench.house.workspace).isEmpty)
        }
    }

    @Test func `names the setting that is missing when there is no sandbox`() async throws {
        let mail = Mail.Settings(sender: .init("atom@example.org"), isSandboxed: false)
        try await Bench.with(mail: mail) { bench async throws in
            let failure = try death(of: await bench.attempt(bench.claim("send_email", self.mail)))
            #expect(failure.message.contains("ATOM_SMTP_URL"))
        }
    }

    @Test(arguments: ["a@b\r\nBcc: x@y.example", "no address", ""])
    func `refuses an address that is none`(_ address: String) async throws {
        try await Bench.with { bench async throws in
            let mail: JSON = ["to": [.string(address)], "subject": "s", "text": "t"]
            let failure = try death(of: await bench.attempt(bench.claim("send_email", mail)))
            #expect(failure.kind == .invalid)
            #expect(try await bench.house.store.sandbox.list(bench.house.workspace).isEmpty)
        }
    }
}
