import Redis
import Testing

@Suite struct `A Redis URL` {
    @Test(arguments: [
        ("redis://localhost", Endpoint(.tcp(host: "localhost", port: 6379))),
        ("redis://10.0.0.7:6380/3", Endpoint(.tcp(host: "10.0.0.7", port: 6380), database: 3)),
        ("redis://[::1]:7000/", Endpoint(.tcp(host: "::1", port: 7000))),
        ("REDIS://h", Endpoint(.tcp(host: "h", port: 6379))),
        ("redis://:s3cret@h", Endpoint(.tcp(host: "h", port: 6379), password: "s3cret")),
        ("redis://me:a%40b%3Ac%2F@h", Endpoint(.tcp(host: "h", port: 6379), user: "me", password: "a@b:c/")),
        ("redis://me:a@b@h", Endpoint(.tcp(host: "h", port: 6379), user: "me", password: "a@b")),
        ("rediss://h", Endpoint(.tcp(host: "h", port: 6379), trust: .system)),
        (
            "rediss://h?tls_ca=/etc/my%20ca.pem",
            Endpoint(.tcp(host: "h", port: 6379), trust: .authority(path: "/etc/my ca.pem"))
        ),
        ("rediss://h/2?tls_verify=none", Endpoint(.tcp(host: "h", port: 6379), database: 2, trust: .anyone)),
        ("redis+unix:///run/redis.sock?db=4", Endpoint(.unix(path: "/run/redis.sock"), database: 4)),
        ("redis+unix://:pw@/run/r", Endpoint(.unix(path: "/run/r"), password: "pw")),
    ])
    func `is understood`(_ url: String, _ expected: Endpoint) throws {
        #expect(try Endpoint(url) == expected)
    }

    @Test(arguments: [
        ("localhost:6379", "begins with redis://"),
        ("http://h", "begins with redis://"),
        ("redis://", "names no host"),
        ("redis://:6379", "names no host"),
        ("redis://h:0", "port"),
        ("redis://h:99999", "port"),
        ("redis://h:", "port"),
        ("redis://[::1", "bracket"),
        ("redis://h/one", "database"),
        ("redis://h/-1", "database"),
        ("redis://user@h", "user without a password"),
        ("redis://u:100%@h", "hex digits"),
        ("redis://h?timeout=3", "db, tls_ca and tls_verify"),
        ("redis://h?tls_ca=/x", "rediss://"),
        ("rediss://h?tls_verify=maybe", "full or none"),
        ("redis+unix://run/redis.sock", "three slashes"),
    ])
    func `that is wrong is refused by name`(_ url: String, _ part: String) throws {
        let fault = try #require(throws: Fault.self) { try Endpoint(url) }
        guard case .invalid(let text) = fault else { return #expect(fault == .invalid("")) }
        #expect(text.contains(part), "\(text)")
    }

    @Test(arguments: ["redis://me:hush@h:70000", "redis://me:hush/x@h", "redis://me:hush%@h"])
    func `never shows its password in an error`(_ url: String) throws {
        let fault = try #require(throws: Fault.self) { try Endpoint(url) }
        #expect(!"\(fault)".contains("hush"))
    }

    @Test func `shows its password masked`() throws {
        let endpoint = try Endpoint("rediss://me:hush@h:1234/5")
        #expect("\(endpoint)" == "rediss://me:***@h:1234/5")
        #expect(!String(reflecting: endpoint).contains("hush"))
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!dumped.contains("hush"))
    }
}
