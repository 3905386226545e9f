import Core
import Queue
import Synchronization
import Work

/// Where the lanes and the engine meet: the roster under one lock, and whoever waits for it to change.
final class Desk: Sendable {
    private struct State {
        var roster: Roster
        var idle: [CheckedContinuation<Void, Never>] = []
        var engine: CheckedContinuation<Void, Never>?
        var waker: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    let worker: String
    private let state: Mutex<State>

    init(worker: String, lanes: Int, weights: [Int]) {
        self.worker = worker
        state = Mutex(State(roster: Roster(lanes: lanes, weights: weights)))
    }

    /// Reads or changes the roster, and wakes whom the change concerns.
    func with<Value>(_ body: (inout Roster) -> Value) -> Value {
        var woken: [CheckedContinuation<Void, Never>] = []
        let value = state.withLock { state in
            let value = body(&state.roster)
            Self.collect(&state, into: &woken)
            return value
        }
        for continuation in woken { continuation.resume() }
        return value
    }

    private static func collect(_ state: inout State, into woken: inout [CheckedContinuation<Void, Never>]) {
        if let engine = state.engine, state.isClosed || state.roster.isCallDue {
            woken.append(engine)
            state.engine = nil
        }
        if let waker = state.waker, state.isClosed || !state.roster.hungry.isEmpty {
            woken.append(waker)
            state.waker = nil
        }
    }

    /// The next job for a lane; nil when the desk is closed. Waits while there is none.
    func next(_ lane: Int, begin: (Roster.Taken) -> Roster.Running) async -> Roster.Running? {
        while true {
            let (running, isClosed) = state.withLock { state -> (Roster.Running?, Bool) in
                guard let taken = state.roster.next(worker: worker) else { return (nil, state.isClosed) }
                let running = begin(taken)
                state.roster.start(running, on: lane)
                return (running, false)
            }
            if let running { return running }
            if isClosed { return nil }
            await idle()
            callAnother()
        }
    }

    /// Why a delivery that a lane runs is to stop, if it is.
    func stop(of delivery: Delivery, on lane: Int) -> Stop? {
        state.withLock { state in
            guard let running = state.roster.running[lane], running.job.claim.delivery == delivery else {
                return .lost
            }
            return running.stop
        }
    }

    /// True while the delivery that a lane runs is no other worker's.
    func holds(_ delivery: Delivery, on lane: Int) -> Bool {
        state.withLock { state in
            guard let running = state.roster.running[lane], running.job.claim.delivery == delivery else {
                return false
            }
            return running.isHeld(at: .now)
        }
    }

    /// Waits until a job may be there.
    private func idle() async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                guard state.roster.waitingCount == 0, !state.isClosed else { return true }
                state.idle.append(continuation)
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    /// Wakes one idle lane while jobs wait. Each lane woken wakes the next one, so that short jobs, which the
    /// first lanes finish meanwhile, do not pay for waking all.
    func callAnother() {
        let lane = state.withLock { $0.roster.waitingCount > 0 ? $0.idle.popLast() : nil }
        lane?.resume()
    }

    /// Waits until a call to Redis is due or the desk is closed; false when it is closed. It stays on the
    /// caller's executor.
    nonisolated(nonsending) func untilCallDue() async -> Bool {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                guard !state.isClosed, !state.roster.isCallDue else { return true }
                state.engine = continuation
                return false
            }
            if isDue { continuation.resume() }
        }
        return state.withLock { !$0.isClosed }
    }

    /// Waits until some queue is to be listened to, and tells which; empty when the desk is closed.
    func untilHungry() async -> [Int] {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                guard !state.isClosed, state.roster.hungry.isEmpty else { return true }
                state.waker = continuation
                return false
            }
            if isDue { continuation.resume() }
        }
        return state.withLock { $0.isClosed ? [] : $0.roster.hungry }
    }

    /// Ends the waiting of all: lanes return once nothing waits.
    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            defer {
                state.idle = []
                state.engine = nil
                state.waker = nil
            }
            return state.idle + [state.engine, state.waker].compactMap { $0 }
        }
        for continuation in woken { continuation.resume() }
    }
}
