import Synchronization

/// The lanes that are given to one user at a time; who finds none free waits in line, for a limited time.
final class Pool: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Lane?, Never>
    }

    private struct State {
        var free: [Lane]
        var line: [Waiter] = []
        var number: UInt64 = 0
        var isClosed = false
    }

    private let lanes: [Lane]
    private let limits: Limits
    private let state: Mutex<State>

    init(_ lanes: [Lane], limits: Limits) {
        self.lanes = lanes
        self.limits = limits
        state = Mutex(State(free: lanes))
    }

    /// Runs `body` with a lane that nobody else uses meanwhile.
    func withLane<T: Sendable>(_ body: (Lane) async throws -> T) async throws -> T {
        let lane = try await acquire()
        defer { release(lane) }
        return try await body(lane)
    }

    private func acquire() async throws -> Lane {
        let free = try state.withLock { state in
            if state.isClosed { throw SQLFault(.closed, "the database is closed") }
            if state.free.isEmpty, state.line.count >= limits.leaseQueue {
                throw SQLFault(
                    .full, "\(limits.leaseQueue) callers wait for a connection already; try again later")
            }
            return state.free.popLast()
        }
        if let free { return free }
        if let lane = await waited() { return lane }
        try Task.checkCancellation()
        if state.withLock({ $0.isClosed }) { throw SQLFault(.closed, "the database is closed") }
        throw SQLFault(
            .timeout, "no database connection came free within \(limits.leaseWait); try again later")
    }

    /// A lane, or nil when none came in time or the task was cancelled.
    private func waited() async -> Lane? {
        await withTaskGroup(of: Lane?.self) { group in
            group.addTask { await self.queue() }
            group.addTask { [limits] in
                try? await Task.sleep(for: limits.leaseWait)
                return nil
            }
            // Both are heard out: a lane that comes in the very instant the time is up must not be lost.
            var lane: Lane?
            for await result in group {
                lane = lane ?? result
                group.cancelAll()
            }
            return lane
        }
    }

    private func queue() async -> Lane? {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { stand(Waiter(number: number, continuation: $0)) }
        } onCancel: {
            leave(number)
        }
    }

    private func stand(_ waiter: Waiter) {
        let answer: Lane?? = state.withLock { state in
            // Looked at under the lock: the cancellation handler takes the same lock after the flag is set.
            if Task.isCancelled || state.isClosed { return .some(nil) }
            if let lane = state.free.popLast() { return lane }
            state.line.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func leave(_ number: UInt64) {
        let waiter = state.withLock { state in
            state.line.firstIndex { $0.number == number }.map { state.line.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    private func release(_ lane: Lane) {
        let next: Waiter? = state.withLock { state in
            guard state.line.isEmpty else { return state.line.removeFirst() }
            state.free.append(lane)
            return nil
        }
        next?.continuation.resume(returning: lane)
    }

    func close() async {
        let line = state.withLock { state in
            state.isClosed = true
            defer { state.line = [] }
            return state.line
        }
        for waiter in line { waiter.continuation.resume(returning: nil) }
        for lane in lanes { await lane.close() }
    }
}
