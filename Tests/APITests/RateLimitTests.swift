import Core
import Queue
import Redis
import TestHouse
import Testing

@testable import API

@Suite struct `A quota` {
    @Test func `holds for all who count against it, whoever counts`() async throws {
        let (one, two) = (try TestRedis.client(), try TestRedis.client())
        let (prefix, quota) = (TestRedis.freshPrefix(), Quota("default", 50, per: .seconds(60)))
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    try await Allowance.take(
                        "somebody", of: quota, on: index.isMultiple(of: 2) ? one : two, prefix: prefix
                    ).passes
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 50)
        let other = try await Allowance.take("somebody else", of: quota, on: one, prefix: prefix)
        #expect(other.passes)
        #expect(other.rest == 49)
        await one.close()
        await two.close()
    }

    @Test func `lets calls pass again when its window has gone by, and leaves nothing behind`() async throws {
        let redis = try TestRedis.client()
        let (prefix, quota) = (TestRedis.freshPrefix(), Quota("default", 5, per: .milliseconds(400)))
        let clock = ContinuousClock()
        var passed: [ContinuousClock.Instant] = []
        while passed.count < 20 {
            // A call counts when Redis has it, which is after it was sent and before it is answered.
            let sent = clock.now
            let allowance = try await Allowance.take("x", of: quota, on: redis, prefix: prefix)
            if allowance.passes { passed.append(sent) }
            #expect(allowance.passes || allowance.reset <= .milliseconds(420))
        }
        for (first, sixth) in zip(passed, passed.dropFirst(6)) { #expect(sixth - first > .milliseconds(390)) }
        try await eventually {
            try await redis.send(Command("KEYS", "\(prefix):rate:*")).array?.isEmpty == true
        }
        await redis.close()
    }
}

@Suite struct `The API's limit` {
    private func limited(_ units: Int) -> (inout API.Settings) -> Void {
        { $0.quota = Quota("default", units, per: .seconds(60)) }
    }

    @Test func `is told on every answer and refuses what goes beyond it`() async throws {
        try await Running.with(adjust: limited(5)) { house in
            var rests: [Int] = []
            for _ in 0..<4 {
                let answer = try await house.get("/api/tasks?limit=1")
                #expect(answer.status == 200)
                #expect(answer["ratelimit-policy"] == "\"default\";q=5;w=60")
                let fields = (answer["ratelimit"] ?? "").split(separator: ";")
                #expect(fields.first == "\"default\"")
                rests.append(Int(fields[1].dropFirst(2)) ?? -1)
                #expect((1...63).contains(Int(fields[2].dropFirst(2)) ?? 0))
            }
            #expect(rests == [4, 3, 2, 1])
            // A refusal counts and says so too.
            #expect(try await house.get("/api/tasks?limit=zero")["ratelimit"]?.contains("r=0") == true)
            let refused = try await house.get("/api/tasks")
            #expect(refused.status == 429)
            #expect(refused.json["type"]?.string == "urn:atom:problem:quota-exceeded")
            #expect(refused["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            #expect(refused["ratelimit"]?.contains("r=0") == true)
        }
    }

    @Test func `is each caller's own, and the address' of those without a key`() async throws {
        try await Running.with(adjust: limited(2)) { house in
            for _ in 0..<2 { #expect(try await house.get("/api/tasks").status == 200) }
            #expect(try await house.get("/api/tasks").status == 429)
            #expect(try await house.get("/api/tasks", key: house.viewer).status == 200)
            #expect(try await house.get("/api/tasks", key: house.stranger).status == 200)
            #expect(try await house.ask("GET", "/", as: .init()).status == 200)
            #expect(try await house.get("/api/tasks", key: "atom_wrong").status == 401)
            #expect(try await house.get("/api/tasks", key: "atom_wrong").status == 429)
            #expect(try await house.ask("GET", "/", as: .init()).status == 429)
            for path in ["/api/health/live", "/api/health/ready", "/metrics"] {
                let free = try await house.ask("GET", path, as: .init())
                #expect(free.status == 200)
                #expect(free["ratelimit"] == nil)
            }
        }
    }

    @Test func `is kept by two processes of the API together`() async throws {
        let server = try await RedisServer()
        let prefix = "shared"
        try await Running.with(redis: server, prefix: prefix, adjust: limited(30)) { one in
            try await Running.with(redis: server, prefix: prefix, adjust: limited(30)) { two in
                let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for index in 0..<80 {
                        let house = index.isMultiple(of: 2) ? one : two
                        group.addTask { try await house.ask("GET", "/", as: .init()).status == 200 }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(passed == 30)
            }
        }
    }

    @Test func `is not held while Redis is away`() async throws {
        let server = try await RedisServer()
        try await Running.with(redis: server, adjust: limited(1)) { house async throws in
            server.kill()
            for _ in 0..<3 { #expect(try await house.get("/api/tasks").status == 200) }
        }
    }

    @Test func `believes a proxy as far as it was told to`() async throws {
        let forwarded: @Sendable (String) -> Running.Manner = { .init(headers: ["X-Forwarded-For": $0]) }
        try await Running.with(adjust: limited(1)) { house async throws in
            #expect(try await house.ask("GET", "/", as: forwarded("1.1.1.1")).status == 200)
            #expect(try await house.ask("GET", "/", as: forwarded("2.2.2.2")).status == 429)
        }
        try await Running.with(adjust: { [limited] in
            limited(1)(&$0); $0.proxies = 1
        }) { house async throws in
            #expect(try await house.ask("GET", "/", as: forwarded("1.1.1.1")).status == 200)
            #expect(try await house.ask("GET", "/", as: forwarded("9.9.9.9, 2.2.2.2")).status == 200)
            #expect(try await house.ask("GET", "/", as: forwarded("8.8.8.8, 2.2.2.2")).status == 429)
        }
    }

    @Test(arguments: [
        ("10.0.0.7", "10.0.0.7"), ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::6", "2001:db8::/64"), ("::1", "::/64"),
    ]) func `takes a network for one caller`(address: String, network: String) {
        #expect(Network.of(address) == network)
    }
}
