import Core
import Foundation
import Logging
import Queue
import Redis
import TestHouse

@testable import Work

/// What the jobs of these tests share: a word that shows it reached them.
struct Toolbox: Sendable { let word: String }

/// Ends as its argument says.
struct Act: Job {
    static let name = "act"
    static let policy = Policy(attempts: 3, timeout: .seconds(9), backoff: .schedule([.seconds(7)]))

    let what: String
    var times: Int?

    struct Oddity: Error {}

    func run(_ context: Context<Toolbox>) async throws -> Outcome {
        switch what {
        case "done": return .done
        case "result":
            return .result(["word": .string(context.tools.word), "attempt": .integer(Int64(context.attempt))])
        case "again": return .again(after: .seconds(5))
        case "again, spent": return .again(after: .seconds(5), counting: .spend)
        case "give up": return .giveUp("It makes no sense.")
        case "odd": throw Oddity()
        case "report":
            try await context.progress(250, String(repeating: "m", count: 2_000))
            for line in 0..<(times ?? 0) { try await context.note("line \(line)") }
            return .done
        default:
            throw Failure(Failure.Kind(rawValue: what) ?? .broken, "It is \(what).", retryAfter: .seconds(3))
        }
    }
}

/// Takes no arguments and has the policy of those who say nothing.
struct Plain: Job {
    static let name = "plain"

    func run(_ context: Context<Toolbox>) async throws -> Outcome { .done }
}

/// A queue of one test's own and a runner for its jobs.
struct Stage: Sendable {
    let queue: Queue
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let runner: Runner<Toolbox>

    /// - Parameter jobs: those it knows.
    init(_ jobs: [any Job<Toolbox>.Type] = [Act.self, Plain.self]) throws {
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        // Hundreds of tests begin at once; on a small machine even Redis answers late then.
        var limits = Limits()
        (limits.connectPatience, limits.dialPatience, limits.replyPatience) = (
            .seconds(30), .seconds(20), .seconds(30)
        )
        queue = Queue("work", on: try TestRedis.client(limits: limits), settings: settings)
        runner = Runner(Catalogue(jobs), tools: Toolbox(word: "hammer"), log: log)
    }

    /// Enqueues and claims one job.
    func claim(_ envelope: Envelope) async throws -> Claim {
        try await queue.enqueue([envelope])
        var shift = Queue.Shift()
        shift.wanted = 1
        return try await queue.work(shift).claims[0]
    }

    func attempt(_ what: String, attempts: Int? = nil, stop: Stop? = nil) async throws -> Verdict {
        let arguments = (["what": .string(what)] as JSON).bytes
        return await attempt(Envelope(name: Act.name, arguments: arguments, attempts: attempts), stop: stop)
    }

    func attempt(_ envelope: Envelope, stop: Stop? = nil) async -> Verdict {
        let claim = Claim(delivery: Delivery(id: envelope.id), envelope: envelope)
        return await runner.attempt(claim, started: .now, reporter: Report(claim, in: queue), stop: { stop })
    }
}

extension Verdict {
    /// What it says, in one line to compare.
    var text: String {
        switch self {
        case .done(let result): "done \(result?.text ?? "nothing")"
        case .retry(let pause, let failure): "retry after \(pause) \(failure.kind) \(failure.message)"
        case .snooze(let pause): "snooze \(pause)"
        case .dead(let failure): "dead \(failure.kind) \(failure.pointer ?? "") \(failure.message)"
        case .cancelled(let reason): "cancelled \(reason)"
        case .expired: "expired"
        case .parked: "parked"
        case .released: "released"
        }
    }
}
