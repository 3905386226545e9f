import Core
import Redis
import TestHouse

@testable import Queue

/// Plays verbs at random on two real queues and on the model, with workers that lose their memory.
struct FlowPlay {
    /// What went wrong, with all that came before.
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// What one sequence may do.
    struct Scene {
        /// Queues, names and workspaces have limits and pauses too, but nobody overflows.
        let hasGates: Bool
        /// The worker that makes every n-th call forgets what it held.
        let crashEvery: Int
        let flows: [Flow]
        let limits: [(key: String, limit: Limit)]
        let pausable: [String]
    }

    static let names = ["work", "other"]
    let redis: Client
    let prefix: String
    let queues: [String: Queue]
    let rules: Rules
    var dice: Chance
    let scene: Scene
    var model = FlowModel()
    /// What each of three workers holds, and what is remembered by those who were thought dead.
    var held: [[String: [Claim]]] = [[:], [:], [:]]
    var ghosts: [String: [Claim]] = [:]
    var calls = 0
    /// Seconds that later jobs lie apart, so that their order is sure.
    var later_s = 1_000
    var log: [String] = []

    init(seed: UInt64, on redis: Client, prefix: String) {
        (self.redis, self.prefix) = (redis, prefix)
        var settings = Queue.Settings()
        settings.prefix = prefix
        settings.lease = .seconds(1_000)
        queues = Dictionary(
            uniqueKeysWithValues: Self.names.map { [settings] in
                ($0, Queue($0, on: redis, settings: settings))
            })
        rules = Rules(on: redis, settings: settings)
        dice = Chance(seed)
        scene = Scene.any(&dice)
    }

    func queue(_ name: String) -> Queue {
        guard let queue = queues[name] else { preconditionFailure("There is no queue \(name).") }
        return queue
    }

    mutating func run() async throws {
        for name in Self.names { try await queue(name).register() }
        for (key, limit) in scene.limits where dice.roll(0..<4) > 0 { try await set(key, limit) }
        for _ in 0..<dice.roll(10..<40) {
            try await step()
            try await check(explaining: dice.roll(0..<4) == 0)
        }
        try await drain()
        try await check(explaining: true)
    }

    private mutating func step() async throws {
        switch dice.roll(0..<36) {
        case 0..<9: try await admit()
        case 9..<17: try await work()
        case 17: try await forget()
        case 18, 19: try await lapse()
        case 20, 21: try await reclaim()
        case 22: try await comeBack()
        case 23: try await renew()
        case 24..<27: try await cancel()
        case 27, 28: try await pause()
        case 29, 30: try await set()
        case 31, 32: try await promote(dice.pick(Self.names))
        case 33: try await bury()
        case 34: try await unpark()
        default: try await pass()
        }
    }

    mutating func expect(_ isTrue: Bool, _ text: @autoclosure () -> String) throws {
        if !isTrue { throw Trouble(description: text() + "\n  " + log.suffix(45).joined(separator: "\n  ")) }
    }

    mutating func tell(_ text: String) { log.append(text) }
}

// What must hold after every step.
extension FlowPlay {
    mutating func check(explaining: Bool) async throws {
        let dump = try await FlowDump(of: prefix, Self.names, lines: !scene.hasGates, on: redis)
        try expect(dump.faults.isEmpty, "Faults: \(dump.faults)")
        let facts = model.facts(lines: !scene.hasGates)
        let (missing, extra) = (facts.subtracting(dump.facts), dump.facts.subtracting(facts))
        try expect(
            missing.isEmpty && extra.isEmpty, "Missing: \(missing.sorted())\nunexpected: \(extra.sorted())")
        for wait in dump.waits { try check(wait) }
        if explaining { try await explain(dump) }
    }

    /// A group whose first could start is called soon.
    private mutating func check(_ wait: FlowDump.Wait) throws {
        guard let job = wait.ids.first.flatMap({ ID($0) }).flatMap({ model.jobs[$0] }) else { return }
        let key = wait.key.hasPrefix("=") ? "exclusive \(wait.key.dropFirst()) " : " \(wait.key)"
        let isKept = model.obstacles(of: job).contains {
            wait.key.hasPrefix("=") ? $0.hasPrefix(key) : $0.hasSuffix(key)
        }
        try expect(
            isKept || wait.left_ms <= 1_001,
            "\(job.delivery.text) may start, but waits for \(wait.key) for \(wait.left_ms) ms more.")
    }

    /// Compares what explain says of every job that waits with what the model says.
    private mutating func explain(_ dump: FlowDump) async throws {
        let ids = model.ids(.waiting, .suspect, .later, .parked)
        let calls = ids.compactMap { id in
            model.jobs[id].map { queue($0.queue) }.map { queue in
                Script.Call(Scripts.explain, keys: [queue.keys.base, queue.keys.shared]) {
                    $0.append(id.text)
                }
            }
        }
        let replies = calls.isEmpty ? [] : try await redis.run(calls)
        for (id, reply) in zip(ids, replies) {
            guard let job = model.jobs[id], let parts = try reply.unwrap().array else { continue }
            let texts = (parts[2].array ?? []).map { $0.text ?? "" }
            let found = Set(
                stride(from: 0, to: texts.count - 2, by: 3).map { "\(texts[$0]) \(texts[$0 + 1])" })
            var (said, known) = (Set(found.map(Self.plain)), model.blockers(of: job))
            if scene.hasGates {
                said = said.filter { !$0.hasPrefix("order") }
                known = known.filter { !$0.hasPrefix("order") }
            }
            try expect(said == known, "\(job.delivery.text): explain says \(said), the model \(known).")
        }
    }

    /// The model does not tell a delay from a retry's pause.
    private static func plain(_ blocker: String) -> String {
        ["delay ", "backoff "].contains(blocker) ? "later " : blocker
    }
}

/// Numbers that are the same in every run with the same seed.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }

    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func flip() -> Bool { roll(0..<2) == 0 }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[roll(0..<items.count)] }
}
