import Automation
import Core
import Logging
import Queue
import Redis
import ServiceLifecycle
import TestHouse
import Testing

/// A queue of one test's own, on which jobs that asked for a callback end.
private struct Scene {
    let redis: Client
    let queue: Queue
    let afters: String
    let telling: String

    init() throws {
        redis = try TestRedis.client()
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        queue = Queue("work", on: redis, settings: settings)
        afters = "\(settings.prefix):{work}:afters"
        telling = "\(settings.prefix):{work}:telling"
    }

    func callbacks(isSigned: Bool = true) -> Callbacks {
        Callbacks([queue], log: .quiet) { workspace in isSigned && workspace == "acme" }
    }

    /// Enqueues a job that asks for a callback and lets it end.
    func end(_ verdict: Verdict, callback: String? = "https://example.org/told") async throws -> ID {
        var envelope = Envelope(name: "job", arguments: Array(#"{"to":"ada"}"#.utf8), workspace: "acme")
        envelope.callback = callback
        try await queue.enqueue([envelope])
        try await settle(try #require(try await claim(1).first), verdict)
        return envelope.id
    }

    func claim(_ count: Int) async throws -> [Claim] {
        var shift = Queue.Shift()
        shift.wanted = count
        return try await queue.work(shift).claims
    }

    func settle(_ claim: Claim, _ verdict: Verdict) async throws {
        var shift = Queue.Shift()
        shift.settlements = [Settlement(claim, verdict, started: .now, worker: "w1")]
        _ = try await queue.work(shift)
    }

    func push(_ entry: String) async throws { _ = try await redis.send(Command("LPUSH", afters, entry)) }

    /// Runs the services until nobody waits to hear of an end.
    func tellAll(_ count: Int = 1) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<count { group.addTask { try await callbacks().run() } }
            while true {
                let lengths = try await redis.pipeline([Command("LLEN", afters), Command("LLEN", telling)])
                if lengths.allSatisfy({ $0.integer == 0 }) { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            group.cancelAll()
        }
    }

    /// The arguments of the jobs that deliver webhooks.
    func messages() async throws -> [JSON] {
        try await claim(100).filter { $0.envelope.name == "deliver_webhook" }
            .map { try JSONParser.parse($0.envelope.arguments) }
    }
}

@Suite struct `G16: a callback` {
    @Test func `tells how the job ended, signed, and not what it was asked`() async throws {
        let scene = try Scene()
        let id = try await scene.end(.done(["sum": 3]))
        try await scene.tellAll()
        let messages = try await scene.messages()
        #expect(messages.count == 1)
        let message = try #require(messages.first)
        #expect(message["url"] == "https://example.org/told")
        #expect(message["type"] == "job.done")
        #expect(message.text.contains("whsec_") == false && message["secrets"] == nil)
        #expect(message["data"]?["id"]?.string == id.text)
        #expect(message["data"]?["state"] == "done")
        #expect(message["data"]?["result"] == ["sum": 3])
        #expect(message["data"]?["arguments"] == nil)
        #expect(!message.text.contains("ada"))
    }

    static let ends: [(verdict: Verdict, type: String)] = [
        (.dead(Failure(.invalid, "No.")), "job.dead"), (.cancelled(reason: "no more"), "job.cancelled"),
        (.expired, "job.expired"),
    ]

    @Test(arguments: ends)
    func `tells of every kind of end`(_ end: (verdict: Verdict, type: String)) async throws {
        let scene = try Scene()
        _ = try await scene.end(end.verdict)
        try await scene.tellAll()
        #expect(try await scene.messages().compactMap { $0["type"]?.string } == [end.type])
    }

    @Test func `is made once, however often it is asked for and whoever dies meanwhile`() async throws {
        let scene = try Scene()
        let id = try await scene.end(.done(nil))
        for _ in 0..<5 { try await scene.push(id.text) }
        // One that was taken by a process that died.
        _ = try await scene.redis.send(Command("LMOVE", scene.afters, scene.telling, "RIGHT", "LEFT"))
        // One that was told, and the process died before it let go of the entry.
        try await scene.callbacks().tell(Array(id.text.utf8), of: scene.queue)
        try await scene.tellAll(3)
        #expect(try await scene.messages().count == 1)
    }

    @Test func `is made again for another end of the same job`() async throws {
        let scene = try Scene()
        let id = try await scene.end(.dead(Failure(.invalid, "No.")))
        try await scene.tellAll()
        #expect(try await scene.queue.retry(id))
        for claim in try await scene.claim(10) where claim.delivery.id == id {
            try await scene.settle(claim, .done(nil))
        }
        try await scene.tellAll()
        #expect(try await scene.messages().compactMap { $0["type"]?.string } == ["job.done"])
    }

    @Test func `is not made of what is no end, no job or nobody's wish`() async throws {
        let scene = try Scene()
        let silent = try await scene.end(.done(nil), callback: nil)
        var waiting = Envelope(name: "job", arguments: Array("{}".utf8), workspace: "acme")
        waiting.callback = "https://example.org/"
        try await scene.queue.enqueue([waiting])
        for entry in [silent.text, waiting.id.text, ID().text, "nonsense"] { try await scene.push(entry) }
        try await scene.tellAll()
        #expect(try await scene.messages().isEmpty)
    }

    @Test func `is not made without a secret`() async throws {
        let scene = try Scene()
        let id = try await scene.end(.done(nil))
        try await scene.callbacks(isSigned: false).tell(Array(id.text.utf8), of: scene.queue)
        #expect(try await scene.messages().isEmpty)
    }
}
