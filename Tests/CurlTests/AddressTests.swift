import Curl
import Testing

@Suite struct `The address guard` {
    private let curl = Curl()

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254",
        "100.100.100.200",
        "127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255",
        "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "168.63.129.16", "::", "::1", "::7f00:1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::2",
        "2001:db8::1", "3fff::1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "100::1", "5f00::1", "4000::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
        "::ffff:0.0.0.0",
    ])
    func `refuses what is not public`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressGuard.publicOnly.permits(address))
        #expect(AddressGuard.open.permits(address))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.254", "100.128.0.1", "126.255.255.255",
        "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.1", "192.167.255.255", "192.169.0.1",
        "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e",
        "2001:200::1", "2003::1", "::ffff:8.8.8.8",
    ])
    func `permits what is`(text: String) throws {
        #expect(AddressGuard.publicOnly.permits(try #require(IPAddress(text))))
    }

    @Test func `permits the ranges it was told, and no more`() throws {
        let networks = try ["10.1.0.0/16", "127.0.0.1", "fd00::/9"].map { try #require(Network($0)) }
        let addresses = AddressGuard(allowing: networks)
        let verdicts = try [
            "10.1.255.255", "10.2.0.1", "127.0.0.1", "127.0.0.2", "::ffff:10.1.2.3", "fd7f::1", "fd80::1",
        ].map { addresses.permits(try #require(IPAddress($0))) }
        #expect(verdicts == [true, false, true, false, true, true, false])
        for text in ["10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "x", "1.2.3.4/5/6", ""]
        {
            #expect(Network(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "localhost.", "LOCALHOST", "127.1", "0x7f.1", "0x7f000001", "2130706433",
        "017700000001", "0177.0.0.1", "127.0.0.1.", "0.0.0.0", "0", "127.255.255.254", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "user@127.0.0.1",
        "1.1.1.1@127.0.0.1", "127.0.0.1#@1.1.1.1", "１２７.0.0.1", "127。0。0。1", "ⓛocalhost",
    ])
    func `lets no spelling of this machine through`(host: String) async throws {
        let reached = Record<Bool>()
        let server = try Server { _ in reached.add(true) }
        let kind = await fault { try await curl.send(Curl.Request("GET", server.url(host: host))) }
        #expect([.forbiddenAddress, .invalid, .unresolved].contains(kind), "\(String(describing: kind))")
        #expect(reached.values.isEmpty)
    }

    @Test func `names the address it refused`() async throws {
        let server = try Server { _ in }
        let fault = await #expect(throws: Curl.Fault.self) {
            try await curl.send(Curl.Request("POST", server.url(host: "localhost"), body: .bytes([1])))
        }
        #expect(fault?.kind == .forbiddenAddress && fault?.mayHaveArrived == false)
        #expect(fault?.message.contains("127.0.0.1") == true || fault?.message.contains("::1") == true)
    }

    @Test func `holds for where a redirect leads`() async throws {
        let reached = Record<String>()
        let server = try Server { peer in
            guard let request = peer.request(), let host = request.headers["host"] else { return }
            reached.add(host)
            peer.answer("302 Found", ["Location: http://localhost:\(host.split(separator: ":")[1])/"])
        }
        var request = Curl.Request("GET", server.url(host: "127.0.0.7"))
        request.url = "http://127.0.0.1:\(server.port)/"
        request.redirects = 5
        request.addresses = .loopback
        #expect(await fault { try await curl.send(request) } == .redirected)
        // The same walk with a guard that knows only the first step.
        let other = try Server { _ in reached.add("other") }
        let start = try Server { peer in
            _ = peer.request()
            peer.answer("302 Found", ["Location: http://127.0.0.2:\(other.port)/"])
        }
        request.url = start.url()
        request.addresses = AddressGuard(allowing: [Network("127.0.0.1")].compactMap { $0 })
        #expect(await fault { try await curl.send(request) } == .forbiddenAddress)
        #expect(!reached.values.contains("other"))
    }

    @Test func `holds for a connection that another transfer has opened`() async throws {
        let heard = Record<String>()
        let server = try Server { peer in
            while let request = peer.request() {
                heard.add(request.path)
                peer.answer("200 OK")
            }
        }
        _ = try await curl.send(.local("GET", server.url("/first")))
        let kind = await fault { try await curl.send(Curl.Request("GET", server.url("/second"))) }
        #expect(kind == .forbiddenAddress)
        #expect(heard.values == ["/first"])
    }

    @Test func `is not led around by a proxy from the environment`() async throws {
        let reached = Record<Bool>()
        let proxy = try Server { _ in reached.add(true) }
        let script = ["http_proxy", "https_proxy", "ALL_PROXY"]
        for name in script { #expect(setenvironment(name, "http://127.0.0.1:\(proxy.port)")) }
        defer { for name in script { #expect(setenvironment(name, nil)) } }
        let server = try Server { peer in
            _ = peer.request()
            peer.answer("200 OK")
        }
        #expect(try await curl.send(.local("GET", server.url())).status == 200)
        #expect(reached.values.isEmpty)
    }
}
