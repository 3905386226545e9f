import Redis
import TestHouse
import Testing

@Suite struct `A subscription` {
    private typealias Event = Subscription.Event
    private let client: Client
    private let prefix = TestRedis.freshPrefix()

    init() throws { client = try TestRedis.client() }

    private func publish(_ channel: String, _ text: String, with other: Client? = nil) async throws {
        _ = try await (other ?? client).send(Command("PUBLISH", channel, text))
    }

    private func message(_ channel: String, _ text: String) -> Event {
        .message(channel: channel, payload: Array(text.utf8))
    }

    @Test func `is ready first and then hears its channels and patterns in order`() async throws {
        let subscription = client.subscribe([prefix + "a", prefix + "b"], patterns: [prefix + "p*"])
        var events = subscription.makeAsyncIterator()
        #expect(await events.next() == .ready)
        for channel in ["a", "p1", "b", "c", "p2"] { try await publish(prefix + channel, "to \(channel)") }
        for channel in ["a", "p1", "b", "p2"] {
            #expect(await events.next() == message(prefix + channel, "to \(channel)"))
        }
    }

    @Test func `takes on channels and lets them go while it runs`() async throws {
        let subscription = client.subscribe([])
        var events = subscription.makeAsyncIterator()
        #expect(await events.next() == .ready)
        subscription.add([prefix + "a", prefix + "b"])
        subscription.add([prefix + "a"], patterns: [prefix + "p*"])
        for name in ["a", "b", "p*"] { #expect(await events.next() == .joined(prefix + name)) }
        subscription.remove([prefix + "a"])
        subscription.add([prefix + "z"])
        #expect(await events.next() == .joined(prefix + "z"))
        for channel in ["a", "b", "p1"] { try await publish(prefix + channel, "x") }
        #expect(await events.next() == message(prefix + "b", "x"))
        #expect(await events.next() == message(prefix + "p1", "x"))
        subscription.remove([prefix + "b", prefix + "z"], patterns: [prefix + "p*"])
        subscription.add([prefix + "again"])
        #expect(await events.next() == .joined(prefix + "again"))
    }

    @Test func `ends when it is closed and when its reader is cancelled`() async throws {
        let subscription = client.subscribe([prefix])
        let reader = Task { await subscription.reduce(into: 0) { count, _ in count += 1 } }
        reader.cancel()
        #expect(await reader.value <= 1)
        let other = Task { await subscription.contains { $0 == .lost } }
        await subscription.close()
        #expect(await other.value == false)
    }

    @Test func `closes its connection when nobody holds it any more`() async throws {
        let client = try TestRedis.client(name: prefix)
        var subscription: Subscription? = client.subscribe([prefix])
        #expect(await subscription?.first { $0 == .ready } == .ready)
        subscription = nil
        while try await client.send(Command("PUBSUB", "CHANNELS", prefix)).array != [] {}
    }

    @Test func `says that messages are lost when its reader is too slow, and starts again`() async throws {
        var limits = Limits.patient
        limits.bufferedEvents = 10
        let client = try TestRedis.client(limits: limits)
        let subscription = client.subscribe([prefix])
        var events = subscription.makeAsyncIterator()
        #expect(await events.next() == .ready)
        _ = try await client.pipeline((0..<100).map { Command("PUBLISH", prefix, "\($0)") })
        var seen: [Event] = []
        while seen.suffix(2) != [.lost, .ready], let event = await events.next() { seen.append(event) }
        #expect(seen.count <= 12)
        try await publish(prefix, "after")
        #expect(await events.next() == message(prefix, "after"))
    }

    @Test func `subscribes again when Redis comes back`() async throws {
        let server = try await RedisServer()
        let client = try Client(server.endpoint, name: "s", limits: .patient)
        let subscription = client.subscribe([prefix], patterns: [prefix + "*"])
        var events = subscription.makeAsyncIterator()
        for _ in 0..<3 {
            #expect(await events.next() == .ready)
            server.kill()
            #expect(await events.next() == .lost)
            try await server.restart()
        }
        #expect(await events.next() == .ready)
        let listeners = try await client.send(Command("PUBLISH", prefix + "x", "back")).integer
        #expect(listeners == 1)
        #expect(await events.next() == message(prefix + "x", "back"))
    }

    @Test func `notices within 6 seconds that its connection fell silent`() async throws {
        let server = try await RedisServer()
        let proxy = try await Proxy(to: server.port)
        let client = try Client(
            Endpoint(.tcp(host: "127.0.0.1", port: proxy.port)), name: "s", limits: .patient)
        let subscription = client.subscribe([prefix])
        var events = subscription.makeAsyncIterator()
        #expect(await events.next() == .ready)
        proxy.freeze()
        let start = ContinuousClock.now
        #expect(await events.next() == .lost)
        #expect(await events.next() == .ready)
        #expect(ContinuousClock.now - start < .seconds(6))
    }

    @Test func `stays up through a silence when Redis answers its questions`() async throws {
        var limits = Limits.patient
        limits.silence = .milliseconds(10)
        let server = try await RedisServer()
        let client = try Client(server.endpoint, name: "s", limits: limits)
        let subscription = client.subscribe([prefix])
        var events = subscription.makeAsyncIterator()
        #expect(await events.next() == .ready)
        while try await pings(on: client) < 2 {}
        try await publish(prefix, "still here", with: client)
        #expect(await events.next() == message(prefix, "still here"))
    }

    private func pings(on client: Client) async throws -> Int {
        let statistics = try await client.send(Command("INFO", "commandstats")).text ?? ""
        guard let count = statistics.firstMatch(of: /cmdstat_ping:calls=(\d+)/) else { return 0 }
        return Int(count.1) ?? 0
    }
}
