import Core
import Curl
import Foundation
import Integrations

/// The outbox of a test.
struct Kept: SandboxOutbox {
    let letters = Record<Letter>()

    func keep(_ letter: Letter) async throws { letters.add(letter) }
}

extension Integrations {
    /// Integrations that may reach the tests' own servers.
    static func local(
        server: String? = nil, isSandboxed: Bool = true, timeout: Duration = .seconds(15),
        outbox: Kept = Kept()
    ) throws -> Integrations {
        var webhooks = try Webhooks.Settings(allowing: ["127.0.0.0/8"])
        webhooks.timeout = timeout
        let mail = Mail.Settings(
            server: try server.map { try Mail.Server(url: $0) },
            sender: Mail.Address("atom@example.com", name: "Atom"),
            isSandboxed: isSandboxed)
        return Integrations(
            Settings(mail: mail, webhooks: webhooks), outbox: outbox)
    }
}

extension Mail.Message {
    static func sample(to address: String = "to@example.com") -> Mail.Message {
        Mail.Message(
            id: "job-42", to: [Mail.Address(address, name: "Zoë")], subject: "Grüße", text: "Hello.",
            html: "<p>Hello.</p>",
            date: Moment(milliseconds: 1_774_747_800_123))
    }
}

/// The failure that `body` throws.
func failure(_ body: () async throws -> some Sendable) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? Failure }
}
