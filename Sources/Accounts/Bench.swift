import Core
import Foundation
import Synchronization

/// A few threads that do one piece of slow work at a time each, and a bounded line before them.
final class Bench: Sendable {
    private let line: Line

    init(width: Int, queue: Int) {
        let line = Line(limit: queue)
        self.line = line
        for number in 0..<width {
            let thread = Thread { while let work = line.take() { work() } }
            thread.name = "password \(number)"
            thread.start()
        }
    }

    /// Does `work` on one of the threads. Throws `.limited` when the line is full.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = line.put { continuation.resume(with: Result { try work() }) }
            guard !isTaken else { return }
            continuation.resume(
                throwing: Failure(
                    .limited, "Too many passwords are being checked. Try again in a moment.",
                    retryAfter: .seconds(1)))
        }
    }

    /// Ends the threads once the line is empty.
    func close() { line.close() }
}

/// What waits for a thread of the bench.
private final class Line: Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let bell = NSCondition()

    init(limit: Int) { self.limit = limit }

    /// False when the line is full or closed.
    func put(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.work.count < limit else { return false }
            state.work.append(work)
            return true
        }
        if isTaken { ring() }
        return isTaken
    }

    /// The next piece of work, waiting for one; nil when closed and empty. Blocks its thread.
    func take() -> (@Sendable () -> Void)? {
        bell.lock()
        defer { bell.unlock() }
        while true {
            let (work, isClosed) = state.withLock { state in
                (state.work.isEmpty ? nil : state.work.removeFirst(), state.isClosed)
            }
            if work != nil || isClosed { return work }
            bell.wait()
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        ring()
    }

    private func ring() {
        bell.lock()
        bell.broadcast()
        bell.unlock()
    }
}
