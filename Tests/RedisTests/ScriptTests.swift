import Redis
import TestHouse
import Testing

@Suite struct `A script` {
    private let client: Client
    private let key = TestRedis.freshPrefix() + "count"
    /// Each test has a source of its own, so that none finds the script loaded by another.
    private let script: Script

    init() throws {
        client = try TestRedis.client()
        let source = "-- \(key)\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])"
        script = Script(name: "count", source: Array(source.utf8))
    }

    @Test(arguments: [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1_000])
    func `has the hash by which Redis knows it`(_ length: Int) async throws {
        let source = "--" + String(repeating: "x", count: length)
        let hash = try await client.send(Command("SCRIPT", "LOAD", source)).text
        #expect(Script(name: "x", source: Array(source.utf8)).hash == hash)
    }

    @Test func `runs when Redis has never seen it, and by its hash from then on`() async throws {
        #expect(try await client.run(script, keys: [key]) { $0.append(5) }.integer == 5)
        #expect(try await client.send(Command("EVALSHA", script.hash, "1", key, "2")).integer == 7)
        #expect(try await client.run(script, keys: [key]) { $0.append(3) }.integer == 10)
    }

    @Test func `throws its own error with its code`() async throws {
        let script = Script(name: "no", source: Array("return redis.error_reply('STALE try again')".utf8))
        let fault = await #expect(throws: Fault.self) { try await client.run(script, keys: []) }
        #expect(fault == .refused("STALE try again"))
        #expect(fault?.code == "STALE")
    }

    @Test func `is never missed while Redis forgets all scripts again and again`() async throws {
        let server = try await RedisServer()
        let client = try Client(server.endpoint, name: "storm", limits: .patient)
        let storm = Task {
            while !Task.isCancelled { _ = try await client.send(Command("SCRIPT", "FLUSH")) }
        }
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        _ = try await client.run(script, keys: [key]) { $0.append(1) }
                        let call = Script.Call(script, keys: [key]) { $0.append(1) }
                        for reply in try await client.run([call, call, call]) { _ = try reply.unwrap() }
                    }
                }
            }
            try await group.waitForAll()
        }
        storm.cancel()
        try await storm.value
        #expect(try await client.send(Command("GET", key)).integer == 8 * 100 * 4)
    }
}
