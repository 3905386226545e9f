import Core
import Queue
import Redis
import ServiceLifecycle
import Synchronization

/// Lets requests wait until their jobs have ended: one subscription rings for all of them, and a look into
/// the queue tells each the truth.
final class Waits: Sendable {
    /// Requests that may wait at once.
    static let limit = 256
    /// How long one may wait, in seconds.
    static let patience_s = 1.0...60.0
    private static let pause: Duration = .seconds(2)

    private struct Waiter {
        let channel: String
        var job: ID?
        let bell: AsyncStream<Void>.Continuation
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var last = 0
        /// Open while anybody waits.
        var subscription: Subscription?
    }

    private let redis: Client
    private let state = Mutex(State())

    init(_ redis: Client) { self.redis = redis }

    /// Runs `body`, which may wait for jobs of this queue. Throws `.unavailable` when too many wait already.
    func with<Value>(_ queue: Queue, _ body: (Wait) async throws -> Value) async throws -> Value {
        let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = try enter(Waiter(channel: queue.channel, bell: bell))
        do {
            let value = try await body(
                Wait(number: number, queue: queue, bells: bells, bell: bell, waits: self))
            await leave(number)
            return value
        } catch {
            await leave(number)
            throw error
        }
    }

    private func enter(_ waiter: Waiter) throws -> Int {
        try state.withLock { state in
            guard state.waiters.count < Self.limit else {
                throw Failure(
                    .unavailable,
                    "\(Self.limit) requests wait for their jobs already. Ask for the job later.",
                    retryAfter: Self.pause)
            }
            let isNew = !state.waiters.values.contains { $0.channel == waiter.channel }
            state.last += 1
            state.waiters[state.last] = waiter
            if let subscription = state.subscription {
                if isNew { subscription.add([waiter.channel]) }
            } else {
                let subscription = redis.subscribe([waiter.channel])
                state.subscription = subscription
                Task { await listen(subscription) }
            }
            return state.last
        }
    }

    private func leave(_ number: Int) async {
        let idle: Subscription? = state.withLock { state in
            guard let gone = state.waiters.removeValue(forKey: number) else { return nil }
            if state.waiters.isEmpty {
                defer { state.subscription = nil }
                return state.subscription
            }
            if !state.waiters.values.contains(where: { $0.channel == gone.channel }) {
                state.subscription?.remove([gone.channel])
            }
            return nil
        }
        await idle?.close()
    }

    fileprivate func expect(_ job: ID, _ number: Int) {
        state.withLock { $0.waiters[number]?.job = job }
    }

    private func listen(_ subscription: Subscription) async {
        for await event in subscription {
            switch event {
            case .message(let channel, let payload): ring(for: payload, on: channel)
            // What happened before was not heard.
            case .ready, .joined: state.withLock { $0.waiters.values.forEach { $0.bell.yield() } }
            case .lost: continue
            }
        }
    }

    private func ring(for payload: [UInt8], on channel: String) {
        guard let batch = EventBatch(message: payload) else { return }
        let ended = Set(batch.events.filter { Wait.ends.contains($0.kind) }.map(\.job))
        guard !ended.isEmpty else { return }
        state.withLock { state in
            for waiter in state.waiters.values where waiter.job.map(ended.contains) ?? false {
                waiter.bell.yield()
            }
        }
    }
}

/// One request that waits.
struct Wait: Sendable {
    fileprivate static let ends: Set<Event.Kind> = [.done, .dead, .cancelled, .expired]
    private static let endStates: Set<State> = [.done, .dead, .cancelled, .expired]

    fileprivate let number: Int
    fileprivate let queue: Queue
    fileprivate let bells: AsyncStream<Void>
    fileprivate let bell: AsyncStream<Void>.Continuation
    fileprivate let waits: Waits

    /// The job once it has ended; nil when the time is over before, or this process stops.
    func end(of job: ID, within patience: Duration) async throws -> Sight? {
        waits.expect(job, number)
        bell.yield()
        let alarm = Task { [bell] in
            try await Task.sleep(for: patience)
            bell.finish()
        }
        defer { alarm.cancel() }
        return try await withGracefulShutdownHandler {
            for await _ in bells {
                if let sight = try await look(job) { return sight }
            }
            return try await look(job)
        } onGracefulShutdown: {
            bell.finish()
        }
    }

    /// The job if it has ended. It was accepted, so a Redis that is away for a moment is no reason to fail.
    private func look(_ job: ID) async throws -> Sight? {
        do {
            guard let sight = try await queue.look([job]).first ?? nil else { return nil }
            return Self.endStates.contains(sight.state) ? sight : nil
        } catch let failure as Failure where failure.kind == .unavailable {
            return nil
        }
    }
}
