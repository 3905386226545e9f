import Core
import Logging
import Queue
import Redis
import Scheduler
import ServiceLifecycle
import TestHouse
import Testing

/// A queue of one test's own with an inbox that a plain client fills, and services that empty it.
private struct Letterbox {
    let plant: Plant
    let inbox: String
    let taken: String

    init() throws {
        plant = try Plant()
        inbox = "\(plant.queue.settings.prefix):{\(plant.queue.name)}:inbox"
        taken = "\(plant.queue.settings.prefix):{\(plant.queue.name)}:taken"
    }

    /// An intake whose connections are its own, as another process would have it.
    func intake() throws -> (intake: Intake, redis: Client, queue: Queue) {
        let redis = try Client(plant.endpoint, name: plant.queue.settings.prefix, limits: Plant.limits)
        let queue = Queue(plant.queue.name, on: redis, settings: plant.queue.settings)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let intake = Intake([queue], log: log) { name, arguments, _ in
            guard name == "known" else { return }
            guard arguments["to"]?.string != nil else {
                throw Failure(.invalid, "/arguments/to is missing.", at: "/arguments/to")
            }
        }
        return (intake, redis, queue)
    }

    /// Runs so many intakes around `body`, then stops them.
    func withIntakes(_ count: Int = 1, _ body: () async throws -> Void) async throws {
        let intakes = try (0..<count).map { _ in try intake() }
        try await withThrowingTaskGroup { group in
            for (intake, _, _) in intakes { group.addTask { try await intake.run() } }
            try await body()
            group.cancelAll()
        }
        for (_, redis, _) in intakes { await redis.close() }
    }

    func push(_ frame: String) async throws { try await push(Array(frame.utf8)) }

    func push(_ frame: [UInt8]) async throws {
        var command = Command("LPUSH", inbox)
        command.append(frame)
        _ = try await plant.redis.send(command)
    }

    /// Waits until nothing is left to be taken in.
    func emptied() async throws {
        try await until("the inbox is empty") {
            let lengths = try await plant.redis.pipeline([Command("LLEN", inbox), Command("LLEN", taken)])
            return lengths.allSatisfy { $0.integer == 0 }
        }
    }

    /// What the jobs that wait were asked, in the order they are claimed.
    func jobs() async throws -> [Envelope] {
        var envelopes: [Envelope] = []
        while true {
            let claims = try await plant.claim(500)
            if claims.isEmpty { return envelopes }
            envelopes += claims.map(\.envelope)
        }
    }

    func refusals() async throws -> [RefusedFrame] { try await plant.queue.quarantine() }
}

@Suite struct `A frame in the inbox` {
    @Test func `becomes the job it describes`() async throws {
        let box = try Letterbox()
        try await box.withIntakes {
            try await box.push(
                """
                {"name": "known", "arguments": {"to": "ada"}, "workspace": "acme", "priority": "high",
                 "tags": ["a", "b"], "max_attempts": 3, "timeout_seconds": 7}
                """)
            try await box.emptied()
        }
        let job = try #require(try await box.jobs().first)
        #expect(job.name == "known")
        #expect(String(decoding: job.arguments, as: UTF8.self) == #"{"to":"ada"}"#)
        #expect((job.workspace, job.level) == ("acme", .high))
        #expect(job.tags == ["a", "b"])
        #expect((job.attempts, job.timeout) == (3, .seconds(7)))
        #expect(try await box.refusals().isEmpty)
    }

    @Test func `may wait for its time, and for a worker that knows its name`() async throws {
        let box = try Letterbox()
        try await box.withIntakes {
            try await box.push(#"{"name": "unheard_of", "arguments": {"any": [1]}}"#)
            try await box.push(#"{"name": "known", "arguments": {"to": "ada"}, "delay_seconds": 60}"#)
            try await box.emptied()
        }
        #expect(try await box.jobs().map(\.name) == ["unheard_of"])
        #expect(try await box.plant.queue.depths().scheduled == 1)
    }

    @Test func `comes before those pushed after it`() async throws {
        let box = try Letterbox()
        for number in 0..<200 { try await box.push(#"{"name": "n\#(number)"}"#) }
        try await box.withIntakes { try await box.emptied() }
        #expect(try await box.jobs().map(\.name) == (0..<200).map { "n\($0)" })
    }

    static let bad: [(frame: String, pointer: String?, reason: String)] = [
        ("", nil, "no JSON"), ("nonsense", nil, "no JSON"), ("[1]", nil, "no JSON object"),
        (#"{"arguments": {}}"#, "/name", "is missing"), (#"{"name": ""}"#, "/name", "1 to 100"),
        (#"{"name": "x", "colour": 1}"#, "/colour", "not a known field"),
        (#"{"name": "known", "arguments": {}}"#, "/arguments/to", "is missing"),
        (#"{"name": "x", "priority": "top"}"#, "/priority", "one of"),
        (#"{"name": "x", "tags": ["a", ""]}"#, "/tags/1", "must not be empty"),
        (#"{"name": "x", "run_at": "2020-01-01T00:00:00Z"}"#, "/run_at", "in the past"),
        (#"{"name": "x", "workspace": "a\"b"}"#, "/workspace", "letters, digits"),
        (#"{"name": "x", "queue": "another"}"#, "/queue", "the inbox of"),
        (#"{"name": "x", "durable": true}"#, "/durable", "through the API"),
        (#"{"name": "x", "callback_url": "ftp://example.org/"}"#, "/callback_url", "http or https"),
    ]

    @Test(arguments: bad)
    func `that is no job is put into quarantine with the reason`(
        _ bad: (frame: String, pointer: String?, reason: String)
    ) async throws {
        let box = try Letterbox()
        try await box.push(bad.frame)
        try await box.push(#"{"name": "good"}"#)
        try await box.withIntakes { try await box.emptied() }
        #expect(try await box.jobs().map(\.name) == ["good"])
        let refused = try await box.refusals()
        #expect(refused.count == 1)
        #expect(refused.first?.frame == bad.frame)
        #expect(refused.first?.pointer == bad.pointer)
        #expect(refused.first?.reason.contains(bad.reason) == true, "\(refused.first?.reason ?? "")")
    }

    @Test func `that is no UTF-8, nests too deeply or is too large is refused too`() async throws {
        let box = try Letterbox()
        let head = Array(#"{"name": "x", "arguments": {"a": "#.utf8)
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
        let large = [UInt8](repeating: UInt8(ascii: "1"), count: 2 << 20)
        let argument = [UInt8](repeating: UInt8(ascii: "1"), count: 1_100_000)
        try await box.push(head + [0x22, 0xFF, 0xFE, 0x22, 0x7D, 0x7D])
        try await box.push(head + deep)
        try await box.push(large)
        try await box.push(head + [0x22] + argument + [0x22, 0x7D, 0x7D])
        try await box.withIntakes { try await box.emptied() }
        #expect(try await box.jobs().isEmpty)
        let refused = try await box.refusals().reversed().map { $0 }
        #expect(refused.count == 4)
        let reasons = ["UTF-8", "levels of nesting", "are allowed", "bytes at most"]
        for (refusal, reason) in zip(refused, reasons) {
            #expect(refusal.reason.contains(reason), "\(refusal.reason)")
            #expect(refusal.frame.utf8.count <= 3 * Queue.refusedFrameLimit)
        }
        #expect(refused.last?.pointer == "/arguments")
        #expect(refused.map(\.size)[2] == 2 << 20)
    }

    @Test func `survives a worker that dies after any of its steps, once`() async throws {
        for steps in 0...4 {
            let box = try Letterbox()
            for number in 0..<3 { try await box.push(#"{"name": "n\#(number)"}"#) }
            try await box.push("bad")
            // The first worker takes all four, deals with as many as it lives for, and is gone.
            let (intake, redis, queue) = try box.intake()
            let blocker = redis.blocker()
            let frames = try await Tray.frames(of: queue).take(on: blocker, for: .seconds(5))
            #expect(frames.count == 4)
            for frame in frames.prefix(steps) { try await intake.take(frame, into: queue) }
            await blocker.close()
            await redis.close()
            try await box.withIntakes(2) { try await box.emptied() }
            #expect(try await box.jobs().map(\.name).sorted() == ["n0", "n1", "n2"])
            #expect(try await box.refusals().map(\.frame) == ["bad"])
        }
    }

    @Test func `is enqueued once although connections break all the time and three compete`() async throws {
        let box = try Letterbox()
        let name = box.plant.queue.settings.prefix
        try await box.withIntakes(3) {
            for number in 0..<400 {
                try await box.push(#"{"name": "n\#(number % 200)"}"#)
                if number % 20 == 7 { try await cut(box.plant.redis, name) }
            }
            try await box.emptied()
        }
        let names = try await box.jobs().map(\.name)
        // Equal frames are two jobs: each name was pushed twice.
        #expect(names.count == 400)
        #expect(Set(names).count == 200)
        #expect(try await box.refusals().isEmpty)
    }

    /// Breaks the connections of the intakes, wherever they are.
    private func cut(_ redis: Client, _ name: String) async throws {
        let own = try await redis.send(Command("CLIENT", "ID")).integer ?? 0
        let list = try await redis.send(Command("CLIENT", "LIST")).text ?? ""
        for line in list.split(separator: "\n") where line.contains("name=\(name)") {
            let id = line.split(separator: " ").first?.dropFirst(3) ?? ""
            guard id != "\(own)" else { continue }
            _ = try await redis.pipeline([Command("CLIENT", "KILL", "ID", String(id))])
        }
    }
}

@Suite struct `The quarantine` {
    @Test func `keeps the newest and lets go of what it is told to`() async throws {
        let box = try Letterbox()
        for number in 0..<(Queue.quarantineLimit + 5) { try await box.push("bad \(number)") }
        try await box.withIntakes { try await box.emptied() }
        let kept = try await box.refusals()
        #expect(kept.count == Queue.quarantineLimit)
        #expect(kept.first?.frame == "bad \(Queue.quarantineLimit + 4)")
        #expect(try await box.plant.queue.release(Array(kept.prefix(10))) == 10)
        #expect(try await box.refusals().count == Queue.quarantineLimit - 10)
    }
}
