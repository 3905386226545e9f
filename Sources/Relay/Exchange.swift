import Core
import NIOCore
import Queue
import Synchronization

/// The hub as all threads share it, with the channels its frames go to.
///
/// Frames are handed to a channel's event loop while the lock is held, so that they arrive in the order
/// decided.
final class Exchange: Sendable {
    fileprivate struct State {
        var hub: Hub
        var channels: [Int: any Channel] = [:]
        var lastListener = 0
        /// Connections, those among them that are no listeners yet.
        var entered = 0
        var isOpen = false
        var isClosed = false
        var metrics = Relay.Metrics()
    }

    private let limits: Relay.Limits
    private let state: Mutex<State>

    init(_ limits: Relay.Limits) {
        self.limits = limits
        state = Mutex(State(hub: Hub(heldEvents: limits.heldEvents)))
    }

    var metrics: Relay.Metrics {
        state.withLock { state in
            var metrics = state.metrics
            metrics.connections = state.entered
            return metrics
        }
    }

    func count(_ counter: any WritableKeyPath<Relay.Metrics, Int> & Sendable) {
        state.withLock { $0.metrics[keyPath: counter] += 1 }
    }

    /// True once the queues' positions are known and until the relay shuts down.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() { state.withLock { $0.isOpen = !$0.isClosed } }
}

extension Exchange {
    /// Takes one of the places there are until `channel` closes; false when there is none.
    func enter(_ channel: any Channel) -> Bool {
        let isIn = state.withLock { state in
            guard state.isOpen, state.entered < limits.connections else { return false }
            state.entered += 1
            state.metrics.accepted += 1
            return true
        }
        if isIn { channel.closeFuture.whenComplete { _ in self.state.withLock { $0.entered -= 1 } } }
        return isIn
    }

    /// Gives a listener its number, nil when the relay shuts down.
    func arrive(_ channel: any Channel) -> Int? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.lastListener += 1
            state.channels[state.lastListener] = channel
            return state.lastListener
        }
    }

    /// Lets a listener hear the events of its workspace.
    func join(_ listener: Int, _ principal: Relay.Principal) {
        state.withLock { $0.hub.join(listener, principal) }
    }

    /// Sends those away whose key or session was ended, or ended by itself.
    func end(_ revocations: [Relay.Revocation], at now: Moment) {
        state.withLock { state in
            for listener in state.hub.ended(by: revocations, at: now) {
                state.order(.leave(.revoked), to: listener)
            }
        }
    }

    func leave(_ listener: Int) {
        state.withLock { state in
            state.channels[listener] = nil
            state.hub.leave(listener)
        }
    }

    /// Answers with the subscription's position; the replays it needs. Throws when there are too many.
    func subscribe(
        _ listener: Int, to topic: Topic, after: Request.After, ref: JSON?
    ) throws -> [Hub.Errand] {
        try state.withLock { state in
            guard state.hub.subscriptions(of: listener) < limits.subscriptions else {
                throw Failure(
                    .limited, "A connection has at most \(limits.subscriptions) subscriptions; end one first."
                )
            }
            guard let (at, errands) = state.hub.subscribe(listener, to: topic, after: after) else {
                return []
            }
            state.post([Frame.subscribed(topic, at: at, ref: ref)], to: listener)
            state.metrics.replays += errands.count
            return errands
        }
    }

    func unsubscribe(_ listener: Int, from topic: Topic, ref: JSON?) {
        state.withLock { state in
            state.hub.unsubscribe(listener, from: topic)
            state.post([Frame.unsubscribed(topic, ref: ref)], to: listener)
        }
    }

    /// Lets nobody in any more and sends all away.
    func close(_ farewell: Farewell) -> [any Channel] {
        state.withLock { state in
            state.isOpen = false
            state.isClosed = true
            let channels = Array(state.channels.values)
            for listener in state.channels.keys { state.order(.leave(farewell), to: listener) }
            return channels
        }
    }

    /// Sends one listener away.
    func dismiss(watch: Int, _ farewell: Farewell) {
        state.withLock { state in
            if let listener = state.hub.listener(of: watch) { state.order(.leave(farewell), to: listener) }
        }
    }
}

extension Exchange {
    /// The queue stands at this batch; nothing is told.
    func note(_ queue: String, at sequence: Int64) { state.withLock { $0.hub.note(queue, at: sequence) } }

    /// Notes the batch and says true when nobody listens to anything, so that its events need not be read.
    func pass(_ queue: String, at sequence: Int64) -> Bool {
        state.withLock { state in
            if state.hub.isIdle { state.hub.note(queue, at: sequence) }
            return state.hub.isIdle
        }
    }

    var namedQueues: Set<String> { state.withLock { $0.hub.namedQueues } }

    func publish(_ batch: EventBatch, in queue: String) {
        state.withLock { state in
            for (listener, frames) in state.hub.publish(batch, in: queue) {
                state.metrics.eventsSent += frames.count
                state.post(frames, to: listener)
            }
        }
    }

    /// Tells all concerned that the events of `queue` between two batches are lost.
    func skip(_ queue: String, from old: Int64, to new: Int64) {
        state.withLock { state in
            state.metrics.gapsTold += 1
            for (listener, frames) in state.hub.skip(queue, from: old, to: new) {
                state.post(frames, to: listener)
            }
        }
    }

    func turnPage(_ watch: Int, _ queue: String) -> Bool { state.withLock { $0.hub.turnPage(watch, queue) } }

    /// Tells a replayed batch to one watch; the channel to wait for before more is sent, nil when it is gone.
    func replay(_ batch: EventBatch, in queue: String, to watch: Int) -> (any Channel)? {
        state.withLock { state in
            let frames = state.hub.replay(batch, in: queue, to: watch)
            guard let listener = state.hub.listener(of: watch) else { return nil }
            state.metrics.eventsSent += frames.count
            state.post(frames, to: listener)
            return state.channels[listener]
        }
    }

    func skip(_ queue: String, from: Position, to: Position, of watch: Int) {
        state.withLock { state in
            guard let listener = state.hub.listener(of: watch) else { return }
            state.post(state.hub.skip(queue, from: from, to: to, of: watch), to: listener)
        }
    }

    /// True when the watch hears live events from now on; false when more has to be read first.
    func goLive(_ watch: Int, _ queue: String) -> Bool {
        state.withLock { state in
            guard let frames = state.hub.goLive(watch, queue) else { return false }
            if let listener = state.hub.listener(of: watch) { state.post(frames, to: listener) }
            state.metrics.eventsSent += frames.count
            return true
        }
    }
}

extension Exchange.State {
    fileprivate func post(_ frames: [ByteBuffer], to listener: Int) {
        if !frames.isEmpty { order(.send(frames), to: listener) }
    }

    /// Never runs anything at once, even on the channel's own event loop: the lock is held, and what was
    /// handed over before goes first.
    fileprivate func order(_ order: Listener.Order, to listener: Int) {
        guard let channel = channels[listener] else { return }
        channel.eventLoop.execute { channel.writeAndFlush(order, promise: nil) }
    }
}
