import Core
import Foundation
import Queue
import Synchronization
import Work

/// What the jobs of a test write down, and the gates they wait at.
final class Notebook: Sendable {
    struct Start: Sendable {
        let id: ID
        let at: Moment
        let attempt: Int
        let crashes: Int
    }

    private struct State {
        var starts: [Start] = []
        var ended: [ID] = []
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var running: Set<ID> = []
        var farewells: [ID: String] = [:]
        var stops: [ID: Stop] = [:]
        var held: [ID: Bool] = [:]
        var most = 0
    }

    private let state = Mutex(State())

    var starts: [Start] { state.withLock { $0.starts } }
    var ended: [ID] { state.withLock { $0.ended } }
    /// What jobs heard when they had failed for the last time.
    var farewells: [ID: String] { state.withLock { $0.farewells } }
    /// Why jobs were told to stop, as they saw it.
    var stops: [ID: Stop] { state.withLock { $0.stops } }
    /// Whether jobs were surely theirs still when they ended.
    var held: [ID: Bool] { state.withLock { $0.held } }
    /// The most jobs that ran at the same time.
    var most: Int { state.withLock { $0.most } }

    func starts(of id: ID) -> [Start] { starts.filter { $0.id == id } }

    func hear(_ failure: Failure, of id: ID) {
        state.withLock { $0.farewells[id] = ($0.farewells[id] ?? "") + failure.message }
    }

    func stop(_ stop: Stop?, held: Bool, of id: ID) {
        state.withLock {
            $0.stops[id] = stop
            $0.held[id] = held
        }
    }

    func begin(_ context: Context<Notebook>) {
        let start = Start(id: context.id, at: .now, attempt: context.attempt, crashes: context.claim.crashes)
        state.withLock {
            $0.starts.append(start)
            $0.running.insert(context.id)
            $0.most = max($0.most, $0.running.count)
        }
    }

    func end(_ id: ID) {
        state.withLock {
            $0.ended.append(id)
            $0.running.remove(id)
        }
    }

    /// Lets all go on who wait, or will wait, at the gate.
    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Waits at the gate, deaf to every cancellation.
    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// The job of these tests: does what its argument says and writes down when.
struct Act: Job {
    static let name = "act"
    static let policy = Policy(
        attempts: 3, timeout: .seconds(60), backoff: .schedule([.milliseconds(60), .milliseconds(60)]))

    enum What: Codable {
        case nothing
        /// Waits so many milliseconds, or until it is cancelled.
        case sleep(Int)
        /// Waits at the gate, or until it is cancelled.
        case gate
        /// Waits so many milliseconds, and then until it may act.
        case hold(Int)
        /// Waits at the gate whatever happens.
        case deaf
        /// Holds a thread until the gate opens, and never lets go of it.
        case spin
        /// Fails until its so many-th attempt.
        case fail(until: Int)
        case report
    }

    let what: What

    func run(_ context: Context<Notebook>) async throws -> Outcome {
        context.tools.begin(context)
        defer {
            context.tools.stop(context.stop, held: Mandate.holds(), of: context.id)
            context.tools.end(context.id)
        }
        switch what {
        case .nothing: break
        case .sleep(let milliseconds): try await Task.sleep(for: .milliseconds(milliseconds))
        case .gate: while !context.tools.isOpen { try await Task.sleep(for: .milliseconds(2)) }
        case .hold(let milliseconds):
            try await Task.sleep(for: .milliseconds(milliseconds))
            while !Mandate.holds() { try await Task.sleep(for: .milliseconds(5)) }
        case .deaf: await context.tools.pass()
        case .spin: while !context.tools.isOpen {}
        case .fail(let last) where context.attempt < last: throw Failure(.unavailable, "Not yet.")
        case .fail: break
        case .report:
            try await context.progress(30, "a third")
            try await context.note("said")
            while !context.tools.isOpen { try await Task.sleep(for: .milliseconds(2)) }
        }
        return .result(["attempt": .integer(Int64(context.attempt))])
    }

    /// Notes what it hears; those that waited at the gate wait on, and those that failed fail again.
    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Notebook>) async throws {
        context.tools.hear(failure, of: context.id)
        switch job?.what {
        case .fail: throw Failure(.broken, "Even this fails.")
        case .gate: while !context.tools.isOpen { try await Task.sleep(for: .milliseconds(2)) }
        default: break
        }
    }
}
