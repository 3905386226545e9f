import Redis
import Synchronization
import TestHouse
import Testing

@Suite struct `A connection to Redis` {
    @Test func `comes back by itself within 5 seconds and repeats nothing`() async throws {
        let server = try await RedisServer("--appendonly", "yes")
        let client = try Client(server.endpoint, name: "load")
        let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
            for _ in 0..<16 { group.addTask { await Tally.count(with: client) } }
            try await client.waitForCount(100)
            for _ in 0..<2 {
                server.kill()
                try await server.restart()
                let start = ContinuousClock.now
                let before = try await client.waitForCount(0)
                try await client.waitForCount(before + 100)
                #expect(ContinuousClock.now - start < .seconds(5))
            }
            group.cancelAll()
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        let counted = try #require(try await client.send(Command("GET", "n")).integer)
        #expect(tallies.strange == [])
        #expect(tallies.done >= 300)
        #expect((tallies.done...tallies.done + tallies.lost).contains(Int(counted)))
    }

    @Test func `that is not there fails a command within its patience, with a reason`() async throws {
        let port = try RedisServer.freePort()
        let client = try Client(Endpoint(.tcp(host: "127.0.0.1", port: port)), name: "none")
        let start = ContinuousClock.now
        let fault = await #expect(throws: Fault.self) { try await client.send(Command("PING")) }
        #expect((.milliseconds(400)..<(.seconds(10))).contains(ContinuousClock.now - start))
        guard case .unreachable(let text) = fault else { return #expect(fault == .unreachable("")) }
        #expect(text.contains("127.0.0.1:\(port)") && text.lowercased().contains("refused"), "\(text)")
        await client.close()
        await #expect(throws: Fault.closed) { try await client.send(Command("PING")) }
    }

    @Test func `lets commands wait for a Redis that is just starting`() async throws {
        let server = try await RedisServer()
        server.kill()
        let client = try Client(server.endpoint, name: "early", limits: .patient)
        async let replies = client.pipeline([Command("INCR", "a"), Command("INCR", "a")])
        async let reply = client.send(Command("ECHO", "early"))
        try await server.restart()
        #expect(try await replies == [.integer(1), .integer(2)])
        #expect(try await reply.text == "early")
    }

    @Test func `never sends later what it has given up`() async throws {
        let server = try await RedisServer()
        let client = try Client(server.endpoint, name: "late")
        try await client.waitForCount(0)
        server.kill()
        let givenUp = Counter()
        try await withThrowingTaskGroup(of: [String].self) { group in
            for task in 0..<10 {
                group.addTask {
                    // One after the other, so that some are given up while others still wait.
                    try await Task.sleep(for: .milliseconds(60 * task))
                    return await client.mistakenEchoes(of: "\(task)", givenUp)
                }
            }
            while givenUp.count < 20 { try await Task.sleep(for: .milliseconds(5)) }
            try await server.restart()
            for try await mistaken in group { #expect(mistaken == []) }
        }
    }

    @Test func `that falls silent is given up within 6 seconds and remade`() async throws {
        let server = try await RedisServer()
        let proxy = try await Proxy(to: server.port)
        let client = try Client(
            Endpoint(.tcp(host: "127.0.0.1", port: proxy.port)), name: "half-open", limits: .patient)
        _ = try await client.send(Command("PING"))
        proxy.freeze()
        let start = ContinuousClock.now
        let pipeline = Task { try await client.pipeline([Command("INCR", "n"), Command("INCR", "n")]) }
        let fault = await #expect(throws: Fault.self) { try await client.send(Command("INCR", "n")) }
        await #expect(throws: Fault.self) { try await pipeline.value }
        #expect(ContinuousClock.now - start < .seconds(6))
        guard case .lost = fault else { return #expect(fault == .lost("")) }
        #expect(try await client.send(Command("EXISTS", "n")).integer == 0)
    }

    @Test func `does not mistake a slow Redis for a silent one while replies come`() async throws {
        let server = try await RedisServer()
        var limits = Limits.patient
        limits.replyPatience = .milliseconds(600)
        let client = try Client(server.endpoint, name: "slow", limits: limits)
        let source = """
            local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
            local start = now()
            while now() - start < 100 do end
            """
        // Redis answers once for all it read at a time, so each call is longer than what it reads.
        let padding = String(repeating: "x", count: 50_000)
        let script = Script(name: "slow", source: Array(source.utf8))
        let replies = try await client.run(
            (0..<15).map { _ in Script.Call(script, keys: []) { $0.append(padding) } })
        #expect(replies == Array(repeating: .null, count: 15))
    }

    @Test(arguments: [(100, 1 << 20, 10), (1 << 20, 10_000, 1_000)])
    func `refuses what would wait beyond its bounds`(_ commands: Int, _ bytes: Int, _ size: Int) async throws
    {
        let server = try await RedisServer()
        var limits = Limits.patient
        limits.waitingCommands = commands
        limits.waitingBytes = bytes
        limits.replyPatience = .seconds(60)
        let client = try Client(server.endpoint, name: "bounds", limits: limits)
        _ = try await client.send(Command("ECHO", String(repeating: "x", count: 3 * bytes)))
        server.freeze()
        let accepted = min(commands, bytes / (size + 50))
        try await withThrowingTaskGroup(of: Fault?.self) { group in
            for _ in 0..<2 * accepted {
                group.addTask {
                    await client.refusal(of: Command("ECHO", String(repeating: "x", count: size)))
                }
            }
            for _ in 0..<accepted {
                let fault = try #require(try await group.next() ?? nil)
                #expect(fault.isTransient && "\(fault)".contains("too many commands wait"))
            }
            server.thaw()
            #expect(try await group.allSatisfy { $0 == nil })
        }
    }

    @Test func `says "later" when Redis may not write`() async throws {
        let server = try await RedisServer()
        let client = try Client(server.endpoint, name: "replica", limits: .patient)
        _ = try await client.send(Command("REPLICAOF", "127.0.0.1", "1"))
        let fault = await #expect(throws: Fault.self) { try await client.send(Command("SET", "a", "b")) }
        #expect(fault?.isTransient == true)
        #expect("\(fault!)".contains("READONLY"))
    }
}

extension Client {
    /// Why the command was not done, nil if it was.
    fileprivate func refusal(of command: Command) async -> Fault? {
        do {
            _ = try await send(command)
            return nil
        } catch { return error }
    }

    /// Asks until 100 echoes have come; returns the wrong ones, and counts those that were given up.
    fileprivate func mistakenEchoes(of name: String, _ givenUp: Counter) async -> [String] {
        var mistaken: [String] = []
        var echoes = 0
        while echoes < 100 {
            do {
                let text = try await send(Command("ECHO", "\(name).\(echoes)")).text
                if text != "\(name).\(echoes)" { mistaken.append(text ?? "") }
                echoes += 1
            } catch { givenUp.add() }
        }
        return mistaken
    }

    /// Returns the counter once it has passed this number, however often Redis is away meanwhile.
    @discardableResult fileprivate func waitForCount(_ count: Int64) async throws -> Int64 {
        while true {
            do {
                let now = try await send(Command("GET", "n")).integer ?? 0
                if now >= count { return now }
            } catch { if !error.isTransient { throw error } }
        }
    }
}

/// What became of the commands of one task.
private struct Tally {
    var done = 0
    var lost = 0
    var unreachable = 0
    var strange: [Fault] = []

    static func count(with client: Client) async -> Tally {
        var tally = Tally()
        while !Task.isCancelled {
            do {
                _ = try await client.send(Command("INCR", "n"))
                tally.done += 1
            } catch .lost { tally.lost += 1 } catch .unreachable { tally.unreachable += 1 } catch {
                tally.strange.append(error)
            }
        }
        return tally
    }

    mutating func add(_ other: Tally) {
        done += other.done
        lost += other.lost
        unreachable += other.unreachable
        strange += other.strange
    }
}

/// A counter that tasks share.
private final class Counter: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func add() { state.withLock { $0 += 1 } }
}
