import Redis
import TestHouse
import Testing

@Suite struct `A blocking command` {
    private let client: Client
    private let key = TestRedis.freshPrefix() + "list"

    init() throws { client = try TestRedis.client(name: key) }

    @Test func `returns the element that comes`() async throws {
        let blocker = client.blocker()
        async let popped = blocker.block(Command("BLPOP", key), for: .seconds(20))
        _ = try await client.send(Command("RPUSH", key, "a"))
        #expect(try await popped?.array?.last?.text == "a")
    }

    @Test func `returns nothing when its time is over`() async throws {
        let blocker = client.blocker()
        #expect(try await blocker.block(Command("BLPOP", key), for: .milliseconds(20)) == nil)
        #expect(try await blocker.block(Command("BLMOVE", key, key, "LEFT", "LEFT"), for: .zero) == nil)
    }

    @Test func `serves one task at a time`() async throws {
        let blocker = client.blocker()
        async let first = blocker.block(Command("BLPOP", key), for: .seconds(20))
        try await waitUntilBlocked()
        await #expect(throws: Fault.self) { try await blocker.block(Command("BLPOP", key), for: .seconds(1)) }
        _ = try await client.send(Command("RPUSH", key, "a"))
        #expect(try await first != nil)
    }

    @Test func `ends at once when its task is cancelled, and its connection goes on`() async throws {
        let blocker = client.blocker()
        for isEarly in [false, true, false, true] {
            let task = Task { try await blocker.block(Command("BLPOP", key), for: .seconds(20)) }
            if !isEarly { try await waitUntilBlocked() }
            let start = ContinuousClock.now
            task.cancel()
            #expect(try await task.value == nil)
            #expect(ContinuousClock.now - start < .seconds(10))
        }
        _ = try await client.send(Command("RPUSH", key, "a"))
        #expect(try await blocker.block(Command("BLPOP", key), for: .seconds(20)) != nil)
    }

    @Test func `loses no element however it is cancelled`() async throws {
        let blocker = client.blocker()
        let total = 400
        var got: [String?] = []
        for number in 0..<total {
            let task = Task { try await blocker.block(Command("BLPOP", key), for: .seconds(20)) }
            async let pushed = client.send(Command("RPUSH", key, "\(number)"))
            for _ in 0..<Int.random(in: 0..<5) { await Task.yield() }
            task.cancel()
            _ = try await pushed
            if let reply = try await task.value { got.append(reply.array?.last?.text) }
        }
        let rest = try await client.send(Command("LRANGE", key, "0", "-1")).array ?? []
        #expect(got + rest.map(\.text) == (0..<total).map(String.init))
    }

    @Test func `notices a connection that fell silent`() async throws {
        let server = try await RedisServer()
        let proxy = try await Proxy(to: server.port)
        var limits = Limits.patient
        limits.blockingGrace = .milliseconds(300)
        let client = try Client(
            Endpoint(.tcp(host: "127.0.0.1", port: proxy.port)), name: "p", limits: limits)
        let blocker = client.blocker()
        #expect(try await blocker.block(Command("BLPOP", key), for: .milliseconds(10)) == nil)
        proxy.freeze()
        let fault = await #expect(throws: Fault.self) {
            try await blocker.block(Command("BLPOP", key), for: .milliseconds(200))
        }
        #expect(fault?.isTransient == true)
        #expect(try await blocker.block(Command("BLPOP", key), for: .milliseconds(10)) == nil)
    }

    /// Returns when a connection of this test waits in Redis.
    private func waitUntilBlocked() async throws {
        while true {
            let list = try await client.send(Command("CLIENT", "LIST")).text ?? ""
            let own = list.split(separator: "\n").filter { $0.contains("name=\(key)-blocking ") }
            if own.contains(where: { $0.contains("flags=b ") }) { return }
        }
    }
}
