import Core
import Foundation
import Redis
import Synchronization
import TestHouse
import Testing

@testable import Queue

@Suite struct `Limits, locks and pauses in random sequences` {
    /// All sequences of the issue are played with ATOM_FLOW_SEQUENCES=20000; ATOM_FLOW_SEED plays one again.
    private static let seeds: Range<UInt64> = {
        let settings = ProcessInfo.processInfo.environment
        if let seed = settings["ATOM_FLOW_SEED"].flatMap({ UInt64($0) }) { return seed..<seed + 1 }
        return 1..<1 + (settings["ATOM_FLOW_SEQUENCES"].flatMap { UInt64($0) } ?? 300)
    }()
    private static let lanes = 6

    @Test func `end as a plain model says, whoever crashes after whichever call`() async throws {
        let desk = Desk(Self.seeds)
        try await withThrowingTaskGroup { group in
            for _ in 0..<Self.lanes {
                group.addTask {
                    let prefix = TestRedis.freshPrefix()
                    let redis = try Client(Endpoint(TestRedis.url), name: prefix)
                    while let seed = desk.take() {
                        let trouble = try await Self.play(seed, on: redis, prefix: prefix)
                        if let trouble { desk.keep("Seed \(seed): \(trouble)") }
                    }
                    await redis.close()
                }
            }
            try await group.waitForAll()
        }
        for trouble in desk.troubles { Issue.record("\(trouble)") }
    }

    /// What went wrong, or nil.
    private static func play(_ seed: UInt64, on redis: Client, prefix: String) async throws -> String? {
        var play = FlowPlay(seed: seed, on: redis, prefix: prefix)
        do { try await play.run() } catch let trouble as FlowPlay.Trouble {
            try await FlowDump.clear(prefix, on: redis)
            return trouble.description
        } catch let failure as Failure {
            try await FlowDump.clear(prefix, on: redis)
            return "\(failure) \(String(describing: failure.cause))\n  "
                + play.log.suffix(40).joined(separator: "\n  ")
        }
        try await FlowDump.clear(prefix, on: redis)
        return nil
    }
}

/// Hands out seeds until all are played or enough has gone wrong.
private final class Desk: Sendable {
    private let state: Mutex<(left: Range<UInt64>, troubles: [String])>
    /// So many failures are enough to read.
    private static let troubleLimit = 5

    init(_ seeds: Range<UInt64>) { state = Mutex((seeds, [])) }

    var troubles: [String] { state.withLock { $0.troubles } }

    func take() -> UInt64? {
        state.withLock { state in
            guard state.troubles.count < Self.troubleLimit else { return nil }
            return state.left.popFirst()
        }
    }

    func keep(_ trouble: String) { state.withLock { $0.troubles.append(trouble) } }
}
