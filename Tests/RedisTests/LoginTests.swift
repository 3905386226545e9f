import Foundation
import Redis
import TestHouse
import Testing

@Suite struct `Logging in` {
    @Test func `with the right password works, with a wrong or no one Redis says why`() async throws {
        let server = try await RedisServer("--requirepass", "open sesame")
        var endpoint = server.endpoint
        #expect(try await complaint(of: endpoint).contains("NOAUTH"))
        endpoint.password = "wrong-word"
        let text = try await complaint(of: endpoint)
        #expect(text.contains("WRONGPASS") && !text.contains("wrong-word"))
        let url = "redis://:open%20sesame@127.0.0.1:\(server.port)"
        #expect(try await answer(of: Endpoint(url)) == "PONG")
    }

    @Test func `as a user of the ACL gives that user's rights`() async throws {
        let server = try await RedisServer("--user", "job", "on", ">pw", "~job:*", "+get", "+set")
        let client = try Client(
            Endpoint("redis://job:pw@127.0.0.1:\(server.port)"), name: "acl", limits: .patient)
        #expect(try await client.send(Command("SET", "job:1", "x")).text == "OK")
        let fault = await #expect(throws: Fault.self) { try await client.send(Command("SET", "other", "x")) }
        #expect(fault?.code == "NOPERM")
        #expect(
            try await complaint(of: Endpoint("redis://nobody:pw@127.0.0.1:\(server.port)")).contains(
                "WRONGPASS"))
    }

    @Test func `chooses the database, and chooses it again after a break`() async throws {
        let server = try await RedisServer("--appendonly", "yes")
        let third = try Client(
            Endpoint("redis://127.0.0.1:\(server.port)/3"), name: "three", limits: .patient)
        _ = try await third.send(Command("SET", "only", "here"))
        let first = try Client(server.endpoint, name: "zero", limits: .patient)
        #expect(try await first.send(Command("EXISTS", "only")).integer == 0)
        try await server.restart()
        #expect(try await third.send(Command("GET", "only")).text == "here")
        #expect(
            try await complaint(of: Endpoint("redis://127.0.0.1:\(server.port)/99")).contains("out of range"))
    }

    @Test func `works over a Unix socket`() async throws {
        let server = try await RedisServer("--unixsocket", "redis.sock")
        let path = server.directory.appending(path: "redis.sock").path()
        #expect(try await answer(of: Endpoint("redis+unix://\(path)?db=2")) == "PONG")
    }

    @Test func `over TLS checks who answers`() async throws {
        let authority = try Authority()
        let port = try RedisServer.freePort()
        let server = try await RedisServer(
            "--tls-port", "\(port)", "--tls-auth-clients", "no", "--tls-ca-cert-file",
            authority.path("ca.pem"),
            "--tls-cert-file", authority.path("server.pem"), "--tls-key-file", authority.path("server.key"))
        let ca = authority.path("ca.pem")
        #expect(try await answer(of: Endpoint("rediss://localhost:\(port)?tls_ca=\(ca)")) == "PONG")
        #expect(try await answer(of: Endpoint("rediss://127.0.0.1:\(port)?tls_verify=none")) == "PONG")
        var brief = Limits()
        brief.connectPatience = .seconds(3)
        async let unknown = complaint(of: Endpoint("rediss://localhost:\(port)"), brief)
        async let stranger = complaint(of: Endpoint("rediss://127.0.0.1:\(port)?tls_ca=\(ca)"), brief)
        async let plain = complaint(of: Endpoint("redis://127.0.0.1:\(port)"), brief)
        async let encrypted = complaint(of: Endpoint("rediss://127.0.0.1:\(server.port)"), brief)
        #expect(try await unknown.contains("CERTIFICATE_VERIFY_FAILED"))
        #expect(try await stranger.lowercased().contains("certificate"))
        #expect(try await [plain, encrypted].allSatisfy { !$0.isEmpty })
    }

    @Test func `over TLS carries much at once`() async throws {
        let authority = try Authority()
        let port = try RedisServer.freePort()
        let server = try await RedisServer(
            "--tls-port", "\(port)", "--tls-auth-clients", "no", "--tls-ca-cert-file",
            authority.path("ca.pem"),
            "--tls-cert-file", authority.path("server.pem"), "--tls-key-file", authority.path("server.key"))
        let client = try Client(
            Endpoint("rediss://localhost:\(port)?tls_ca=\(authority.path("ca.pem"))"), name: "tls")
        let payload = String(repeating: "x", count: 100_000)
        let replies = try await client.pipeline((0..<50).map { Command("ECHO", "\($0)\(payload)") })
        #expect(replies.map(\.text) == (0..<50).map { "\($0)\(payload)" })
        try await server.restart()
        #expect(try await client.send(Command("PING")).text == "PONG")
    }

    @Test func `with an authority that cannot be read fails at once`() throws {
        let fault = #expect(throws: Fault.self) {
            try Client(Endpoint("rediss://localhost?tls_ca=/nowhere/ca.pem"), name: "x")
        }
        #expect("\(fault!)".contains("tls_ca"))
    }

    private func answer(of endpoint: Endpoint, _ limits: Limits = .patient) async throws -> String? {
        try await Client(endpoint, name: "login", limits: limits).send(Command("PING")).text
    }

    private func complaint(of endpoint: Endpoint, _ limits: Limits = .patient) async throws -> String {
        let fault = await #expect(throws: Fault.self) { try await answer(of: endpoint, limits) }
        return fault.map { "\($0)" } ?? ""
    }
}

/// A certificate authority of the test's own, and a certificate for `localhost` signed by it.
private final class Authority {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("subjectAltName=DNS:localhost\n".utf8).write(to: directory.appending(path: "san"))
        let new = "-newkey rsa:2048 -nodes"
        try openssl("req -x509 \(new) -keyout @ca.key -out @ca.pem -days 2 -subj /CN=test-ca")
        try openssl("req \(new) -keyout @server.key -out @server.csr -subj /CN=localhost")
        let signer = "-CA @ca.pem -CAkey @ca.key -CAcreateserial -days 2 -extfile @san"
        try openssl("x509 -req -in @server.csr \(signer) -out @server.pem")
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            print("The certificates of a test stay behind: \(error)")
        }
    }

    func path(_ name: String) -> String { directory.appending(path: name).path() }

    /// Runs a command of openssl; `@name` is a file of this authority.
    private func openssl(_ arguments: String) throws {
        let words = arguments.split(separator: " ").map {
            $0.hasPrefix("@") ? path(String($0.dropFirst())) : String($0)
        }
        let child = try Child(["openssl"] + words, output: path("openssl.log"))
        try #require(
            child.wait() == 0, "openssl \(arguments) failed; its words are in \(path("openssl.log"))")
    }
}
