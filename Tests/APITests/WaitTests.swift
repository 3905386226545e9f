import Core
import Queue
import Redis
import TestHouse
import Testing

@testable import API

extension Running {
    /// Waits until a job is there to be claimed, and does it as a worker would.
    fileprivate func workOnceThere(_ verdict: () -> Verdict) async throws {
        while try await queue().depths().backlog == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await work(verdict)
    }
}

@Suite struct `A12: a request that waits for its job` {
    private static let body: JSON = ["name": "analyze_workspace"]

    @Test func `is answered with the result as soon as there is one`() async throws {
        try await Running.with { house in
            async let asked = house.post("/api/jobs?wait=60", Self.body)
            let began = ContinuousClock.now
            try await house.workOnceThere { .done(["found": 3]) }
            let answer = try await asked
            #expect(answer.status == 200)
            #expect(answer.json["state"] == "done")
            #expect(answer.json["result"] == ["found": 3])
            let id = try #require(answer.json["id"]?.string)
            #expect(answer["location"] == "/api/jobs/\(id)")
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }

    @Test(arguments: [
        Verdict.dead(Failure(.invalid, "It cannot be.")), .cancelled(reason: "no more"), .expired,
    ])
    func `is answered however the job ends`(verdict: Verdict) async throws {
        try await Running.with { house in
            async let asked = house.post("/api/jobs?wait=60", Self.body)
            try await house.workOnceThere { verdict }
            let answer = try await asked
            #expect(answer.status == 200)
            #expect(["dead", "cancelled", "expired"].contains(answer.json["state"]?.string))
        }
    }

    @Test func `gets its receipt when the time runs out`() async throws {
        try await Running.with { house in
            let answer = try await house.post("/api/jobs?wait=1", Self.body)
            #expect(answer.status == 202)
            #expect(answer.json["acceptance"] == "accepted")
            #expect(answer.json["state"] == "waiting")
        }
    }

    @Test func `hears of a durable job, and of one that an equal request made before`() async throws {
        try await Running.with { house in
            let (key, body): ([String: String], JSON) = (["Idempotency-Key": "k1"], Self.body)
            #expect(try await house.post("/api/jobs", body, key).status == 202)
            try await house.work { .done(["found": 1]) }
            let again = try await house.post("/api/jobs?wait=60", body, key)
            #expect(again.status == 200)
            #expect(again["idempotent-replay"] == "true")
            #expect(again.json["result"] == ["found": 1])
            async let asked = house.post(
                "/api/jobs?wait=60", ["name": "analyze_workspace", "durable": true])
            try await house.workOnceThere { .done(["found": 2]) }
            let answer = try await asked
            #expect(answer.json["result"] == ["found": 2])
        }
    }

    @Test func `each hears of its own job, in many queues at once`() async throws {
        try await Running.with { house in
            let answers = try await withThrowingTaskGroup(of: (Int, Heard).self) { group in
                for number in 0..<12 {
                    let body: JSON = [
                        "name": "analyze_workspace", "arguments": ["seed": .integer(Int64(number))],
                        "queue": .string("q\(number % 3)"),
                    ]
                    group.addTask { (number, try await house.post("/api/jobs?wait=60", body)) }
                }
                group.addTask {
                    try await echo(house, 12)
                    return (-1, try await house.get("/"))
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (number, answer) in answers where number >= 0 {
                #expect(answer.json["result"]?["seed"] == .integer(Int64(number)))
            }
            #expect(answers.count == 13)
        }
    }

    /// Answers so many jobs of three queues with their arguments.
    private func echo(_ house: Running, _ count: Int) async throws {
        var done = 0
        while done < count {
            for name in ["q0", "q1", "q2"] {
                var shift = Queue.Shift()
                shift.wanted = 4
                let claims = try await house.queue(name).work(shift).claims
                var end = Queue.Shift()
                end.settlements = try claims.map {
                    let seed = try JSONParser.parse($0.envelope.arguments)
                    return Settlement($0, .done(seed), started: .now, worker: "w1")
                }
                _ = try await house.queue(name).work(end)
                done += claims.count
            }
        }
    }

    @Test func `hears of the end although the connection broke meanwhile`() async throws {
        let server = try await RedisServer()
        try await Running.with(redis: server, limits: .patient) { house in
            async let asked = house.post("/api/jobs?wait=60", Self.body)
            while try await house.queue().depths().backlog == 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            // The job ends while nobody may be subscribed.
            let ears = Command("CLIENT", "KILL", "TYPE", "pubsub")
            _ = try await house.redis.send(ears)
            try await house.work { .done(["found": 4]) }
            let answer = try await asked
            #expect(answer.json["result"] == ["found": 4])
        }
    }

    @Test(arguments: ["0", "61", "x", "-1", "nan"])
    func `is refused a time that makes no sense`(time: String) async throws {
        try await Running.with { house async throws in
            #expect(try await house.post("/api/jobs?wait=\(time)", Self.body).status == 400)
        }
    }

    @Test func `is told to come back when too many wait`() async throws {
        let redis = try TestRedis.client()
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        let (waits, queue) = (Waits(redis), Queue("work", on: redis, settings: settings))
        try await fill(waits, queue, Waits.limit)
        // All have left, so there is room again.
        try await waits.with(queue) { _ in }
        await redis.close()
    }

    /// Enters one inside of the other, and one too many at the end.
    private func fill(_ waits: Waits, _ queue: Queue, _ count: Int) async throws {
        guard count > 0 else {
            let failure = await #expect(throws: Failure.self) { try await waits.with(queue) { _ in } }
            #expect(failure?.kind == .unavailable)
            return
        }
        try await waits.with(queue) { _ in try await fill(waits, queue, count - 1) }
    }
}
