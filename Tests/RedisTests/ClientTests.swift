import NIOCore
import Redis
import TestHouse
import Testing

@Suite struct `A client` {
    private let client: Client
    private let prefix = TestRedis.freshPrefix()

    init() throws { client = try TestRedis.client() }

    @Test func `sends any bytes and gets them back`() async throws {
        let all = (0...255).map { UInt8($0) }
        for bytes in [[], [13, 10], all, [UInt8](repeating: 7, count: 3_000_000)] {
            var command = Command("ECHO")
            command.append(bytes)
            #expect(try await client.send(command).bytes == bytes)
        }
        var command = Command("ECHO")
        command.append(all.lazy.map { $0 &+ 1 })
        #expect(try await client.send(command).bytes == all.map { $0 &+ 1 })
    }

    @Test(arguments: [0, 7, -1, 10, 99, 1_234_567_890, Int64.min, Int64.max])
    func `writes numbers in decimal`(_ number: Int64) async throws {
        var command = Command("ECHO")
        command.append(number)
        let reply = try await client.send(command)
        #expect(reply.text == "\(number)")
        #expect(reply.integer == number)
    }

    @Test func `reads each kind of reply`() async throws {
        let key = prefix + "kinds"
        #expect(try await client.send(Command("SET", key, "Grüße")) == .string(Array("OK".utf8)))
        #expect(try await client.send(Command("GET", key)).text == "Grüße")
        #expect(try await client.send(Command("GET", key + "?")).isNull)
        #expect(try await client.send(Command("STRLEN", key)) == .integer(7))
        let nested = try await client.send(Command("EVAL", "return {1, {'a', {}}, false, {err='E x'}}", "0"))
        let expected: [Reply] = [
            .integer(1), .array([.string([97]), .array([])]), .null, .error("E x"),
        ]
        #expect(nested == .array(expected))
    }

    @Test func `throws Redis' own error and goes on`() async throws {
        let key = prefix + "list"
        _ = try await client.send(Command("RPUSH", key, "x"))
        let fault = await #expect(throws: Fault.self) { try await client.send(Command("GET", key)) }
        #expect(fault?.code == "WRONGTYPE")
        #expect(fault?.isTransient == false)
        #expect(try await client.send(Command("LLEN", key)).integer == 1)
    }

    @Test func `gives each of 10,000 tasks its own reply`() async throws {
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<10_000 {
                group.addTask {
                    var command = Command("ECHO")
                    command.append(number)
                    return try await client.send(command).integer != Int64(number)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong == 0)
    }

    @Test func `keeps replies apart when tasks are cancelled`() async throws {
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<2_000 {
                let task = Task { try await client.send(Command("ECHO", "\(number)")).text == "\(number)" }
                if number % 2 == 0 { task.cancel() }
                group.addTask { try await !task.value }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong == 0)
    }

    @Test func `answers a pipeline in order, with errors in their places`() async throws {
        let key = prefix + "pipeline"
        var commands = (0..<1_000).map { Command("RPUSH", key, "\($0)") }
        commands[500] = Command("INCR", key, "too", "many")
        let replies = try await client.pipeline(commands)
        #expect(replies.count == 1_000)
        #expect(replies[499].integer == 500)
        #expect(replies[999].integer == 999)
        #expect(throws: Fault.self) { try replies[500].unwrap() }
        #expect(try await client.pipeline([]).isEmpty)
    }

    @Test func `mixes pipelines and single commands of many tasks`() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let pipeline = (0..<number % 7).map { Command("ECHO", "\(number).\($0)") }
                    let texts = try await client.pipeline(pipeline).map(\.text)
                    #expect(texts == (0..<number % 7).map { "\(number).\($0)" })
                    #expect(try await client.send(Command("ECHO", "\(number)")).text == "\(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `resumes an actor on its event loop`() async throws {
        #expect(try await Pinned(client).isOnLoopAfterReply())
    }

    @Test func `answers what it has and takes no more when closed`() async throws {
        let key = prefix + "closing"
        let client = try TestRedis.client()
        async let replies = client.pipeline((0..<100).map { _ in Command("INCR", key) })
        #expect(try await replies.last?.integer == 100)
        await client.close()
        await client.close()
        await #expect(throws: Fault.closed) { try await client.send(Command("PING")) }
    }

    @Test func `shows its name in the list of clients`() async throws {
        let client = try TestRedis.client(name: "a name \(prefix)")
        let name = try await client.send(Command("CLIENT", "GETNAME")).text
        #expect(name == "a_name_\(prefix)")
    }
}

/// Lives on the event loop of a client.
private actor Pinned {
    private let client: Client
    nonisolated let unownedExecutor: UnownedSerialExecutor

    init(_ client: Client) throws {
        self.client = client
        unownedExecutor = try #require(client.eventLoop as? any NIOSerialEventLoopExecutor)
            .asUnownedSerialExecutor()
    }

    func isOnLoopAfterReply() async throws -> Bool {
        let call = Script.Call(Script(name: "one", source: Array("return 1".utf8)), keys: [])
        _ = try await client.run(call)
        _ = try await client.pipeline([Command("PING")])
        _ = try await client.send(Command("PING"))
        return client.eventLoop.inEventLoop
    }
}
