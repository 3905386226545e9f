import Core
import Curl
import Foundation
import Integrations
import Testing

@Suite struct `What a connection gets in with` {
    @Test func `are taken out of what a provider says, as values and as parts of addresses`() {
        let credentials = Credentials([
            "token": "sk-0123456789", "short": "abc",
            "base_url": "https://hooks.example.org/services/T000/B0123456789XYZ?sig=0123456789abcdef",
        ])
        let said =
            "no sk-0123456789 at /services/T000/B0123456789XYZ?sig=0123456789abcdef, B0123456789XYZ, abc"
        let clean = credentials.redacted(said)
        for secret in ["sk-0123", "B0123456789XYZ", "0123456789abcdef"] { #expect(!clean.contains(secret)) }
        #expect(clean.contains("abc"))
        #expect(!"\(credentials)".contains("sk-0123") && !String(reflecting: credentials).contains("sk-0123"))
    }
}

@Suite struct `A line to a provider` {
    private static let provider = Provider(
        "echo", "Echo", base: "", entrance: .init(.basic(user: "user", password: "password"), fields: []),
        abilities: [.send], check: .init("/me"))

    private static let credentials = Credentials(["user": "ada-lovelace", "password": "pass-0123456789"])

    /// A server that refuses with all that it was shown.
    private func echo(_ heard: Record<String>, status: String = "400 Bad Request") throws -> Server {
        try Server { peer in
            guard let request = peer.request() else { return }
            heard.add(request.headers["authorization"] ?? "none")
            peer.answer(status, body: "shown \(request.headers["authorization"] ?? "")")
        }
    }

    @Test func `does not repeat its badge in a failure`() async throws {
        let heard = Record<String>()
        let server = try echo(heard)
        let line = try Integrations.local().line(to: Self.provider, Self.credentials, base: server.url(""))
        let failure = await failure { try await line.ask(Curl.Request("GET", "/x")) }
        #expect(heard.values.count == 1 && heard.values[0].hasPrefix("Basic "))
        #expect(failure?.message.contains("shown") == true)
        #expect(failure?.message.contains(heard.values[0].dropFirst(6)) == false)
    }

    @Test func `shows its badge to no other server, whoever names it`() async throws {
        let (own, other) = (Record<String>(), Record<String>())
        let (server, stranger) = (try echo(own), try echo(other))
        let line = try Integrations.local().line(to: Self.provider, Self.credentials, base: server.url(""))
        for url in [stranger.url("/page2"), "http://127.0.0.1:\(server.port)1/", server.url("/fine")] {
            _ = await failure { try await line.ask(Curl.Request("GET", url)) }
        }
        #expect(other.values == ["none"])
        #expect(own.values.count == 1 && own.values[0].hasPrefix("Basic "))
    }

    @Test func `is not well where it is led elsewhere`() async throws {
        let server = try echo(Record<String>(), status: "302 Found")
        let line = try Integrations.local().line(to: Self.provider, Self.credentials, base: server.url(""))
        #expect(await failure { try await line.check() }?.kind == .unavailable)
    }
}
