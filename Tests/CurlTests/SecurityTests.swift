import Curl
import Foundation
import Testing

/// Against a mail server that others wrote; Debian has it as python3-aiosmtpd.
@Suite(.enabled { await RealMailServer.isInstalled() }) struct `A mail under TLS` {
    private let curl = Curl()
    private let certificates: Certificates

    init() async throws { certificates = try await Certificates() }

    private func relay(
        _ port: UInt16, _ security: Curl.Relay.Security, password: String = "secret"
    ) -> Curl.Relay {
        let credentials = Curl.Relay.Credentials(user: "user", password: password)
        var relay = Curl.Relay(host: "localhost", port: port, security: security, credentials: credentials)
        relay.caFile = certificates.authority
        return relay
    }

    private func certainty(_ relay: Curl.Relay) async -> Curl.Undelivered? {
        do {
            _ = try await curl.deliver(try .sample(), through: relay)
            return nil
        } catch { return error as? Curl.Undelivered }
    }

    @Test(arguments: [("starttls", Curl.Relay.Security.startTLS), ("tls", .tls)])
    func `is taken after a login`(mode: String, security: Curl.Relay.Security) async throws {
        let server = try await RealMailServer(mode, certificates)
        let mail = try Curl.Mail.sample(to: ["a@example.com", "b@example.com"])
        let receipt = try await curl.deliver(mail, through: relay(server.port, security))
        #expect(receipt.reply.text == "2.0.0 kept" && receipt.metrics.secure != nil)
        let kept = try await server.mail(1)
        #expect(kept.tls && kept.login)
        #expect(kept.from == "from@example.com" && kept.to == ["a@example.com", "b@example.com"])
        #expect(kept.text == String(decoding: try mail.rendered(), as: UTF8.self))
    }

    @Test func `is not taken with a wrong password`() async throws {
        let server = try await RealMailServer("starttls", certificates)
        let error = await certainty(relay(server.port, .startTLS, password: "other"))
        #expect(error?.certainty == .permanent && error?.reply?.code == 535)
        #expect(error?.description.contains("other") == false)
    }

    @Test(arguments: [("starttls", Curl.Relay.Security.startTLS), ("tls", .tls)])
    func `is not given to a server whose certificate nobody vouches for`(
        mode: String, security: Curl.Relay.Security
    ) async throws {
        let server = try await RealMailServer(mode, certificates)
        var relay = relay(server.port, security)
        relay.caFile = nil
        #expect(await certainty(relay)?.certainty == .transient)
        relay.caFile = certificates.authority
        relay.host = "127.0.0.1"
        #expect(await certainty(relay)?.certainty == .transient)
    }

    @Test func `is taken without a login only where the server allows that`() async throws {
        let server = try await RealMailServer("starttls", certificates)
        var relay = relay(server.port, .startTLS)
        relay.credentials = nil
        let error = await certainty(relay)
        #expect(error?.certainty == .permanent && error?.reply?.code == 530)
    }
}

@Suite struct `A request under TLS` {
    @Test func `is answered only by a server that an authority vouches for`() async throws {
        let certificates = try await Certificates()
        let server = try await WebServer(certificates)
        let trusting = Curl(caFile: certificates.authority)
        let response = try await trusting.send(.local("GET", "https://localhost:\(server.port)/"))
        #expect(response.status == 200 && response.metrics.secure != nil)
        let kind = await fault { try await Curl().send(.local("GET", "https://localhost:\(server.port)/")) }
        #expect(kind == .untrusted)
        let other = await fault {
            try await trusting.send(.local("GET", "https://127.0.0.1:\(server.port)/"))
        }
        #expect(other == .untrusted)
    }
}
