import Logging
import NIOCore
import Synchronization

/// Keeps one connection to Redis up until it is closed, and tells its owner what happens on it.
///
/// Everything but `start`, `abandon`, `closed` and `identity` runs on the event loop.
final class Line: Sendable {
    /// Hears of a connection; each call comes on the event loop.
    protocol Owner: AnyObject, Sendable {
        func opened()
        func received(_ replies: [Reply])
        /// The connection is gone, or could not be made.
        func ended(_ fault: Fault)
    }

    fileprivate enum Phase {
        case idle
        case dialing(EventLoopFuture<any Channel>?, alarm: Scheduled<Void>)
        case open(any Channel, identity: Int64?, since: NIODeadline)
        case resting
        case closed
    }

    fileprivate struct State {
        var phase = Phase.idle
        var owner: (any Owner)?
        /// Counts the connections: what an earlier one still says is not heard.
        var round = 0
        var rest = Rest()
    }

    fileprivate struct End {
        let owner: (any Owner)?
        let phase: Phase
        let pause: TimeAmount
    }

    let eventLoop: any EventLoop
    private let dialer: Dialer
    private let log: Logger?
    private let state = Mutex(State())
    private let gone: EventLoopPromise<Void>

    init(_ dialer: Dialer, on eventLoop: any EventLoop, log: Logger?) {
        self.dialer = dialer
        self.eventLoop = eventLoop
        self.log = log
        gone = eventLoop.makePromise()
    }

    /// Redis' number for this connection, while there is one.
    var identity: Int64? {
        state.withLock {
            if case .open(_, let identity, _) = $0.phase { identity } else { nil }
        }
    }

    /// Begins to connect. The line and its owner hold each other until `close`.
    func start(_ owner: any Owner) {
        state.withLock { $0.owner = owner }
        eventLoop.execute { self.dial() }
    }

    func write(_ buffer: ByteBuffer) {
        let channel: (any Channel)? = state.withLock {
            if case .open(let channel, _, _) = $0.phase { channel } else { nil }
        }
        channel?.writeAndFlush(buffer, promise: nil)
    }

    /// Gives the present connection up and makes another.
    func drop(_ fault: Fault) {
        ended(fault, in: state.withLock { $0.round })
    }

    /// Begins to close, for good.
    func abandon() {
        eventLoop.execute { self.hangUp() }
    }

    /// Returns when the line is closed and its socket gone.
    func closed() async {
        await withUnsafeContinuation { continuation in
            gone.futureResult.whenComplete { _ in continuation.resume() }
        }
    }
}

extension Line {
    private func dial() {
        let round: Int? = state.withLock { state in
            if case .closed = state.phase { return nil }
            state.round += 1
            let round = state.round
            let patience = TimeAmount(dialer.limits.dialPatience)
            let alarm = eventLoop.scheduleTask(in: patience) {
                self.ended(.lost("nobody answered in time"), in: round)
            }
            state.phase = .dialing(nil, alarm: alarm)
            return round
        }
        guard let round else { return }
        let attempt = dialer.dial(for: self, round: round, on: eventLoop)
        attempt.whenFailure { self.ended(.lost(Dialer.explain($0)), in: round) }
        let isCurrent = state.withLock { state in
            guard state.round == round else { return false }
            if case .dialing(_, let alarm) = state.phase { state.phase = .dialing(attempt, alarm: alarm) }
            return true
        }
        if !isCurrent { attempt.whenSuccess { $0.close(promise: nil) } }
    }

    func opened(_ channel: any Channel, identity: Int64?, in round: Int) {
        let owner: (any Owner)? = state.withLock { state in
            guard round == state.round, case .dialing(_, let alarm) = state.phase else { return nil }
            alarm.cancel()
            state.phase = .open(channel, identity: identity, since: .now())
            return state.owner
        }
        log?.log(level: round == 1 ? .debug : .notice, "The connection to Redis is up.", metadata: place)
        owner?.opened()
    }

    func received(_ replies: [Reply], in round: Int) {
        let owner = state.withLock { $0.round == round ? $0.owner : nil }
        owner?.received(replies)
    }

    func ended(_ fault: Fault, in round: Int) {
        let end = state.withLock { $0.end(round, longestRest: dialer.limits.longestRest) }
        guard let end else { return }
        // Outside the lock: closing a channel calls back at once.
        end.phase.letGo()
        let fault = end.phase.isOpen ? fault : unreachable(fault)
        log?.log(level: end.pause == .zero ? .warning : .debug, "\(fault)", metadata: place)
        end.owner?.ended(fault)
        eventLoop.scheduleTask(in: end.pause) { self.dial() }
    }

    private var place: Logger.Metadata { ["redis": "\(dialer.endpoint.place)"] }

    private func unreachable(_ fault: Fault) -> Fault {
        switch fault {
        case .lost(let text), .unreachable(let text):
            .unreachable("no connection to \(dialer.endpoint.place): \(text)")
        default: fault
        }
    }

    private func hangUp() {
        let (owner, phase) = state.withLock { state in
            defer {
                state.round += 1
                state.phase = .closed
                state.owner = nil
            }
            return (state.owner, state.phase)
        }
        phase.letGo()
        owner?.ended(.closed)
        switch phase {
        case .open(let channel, _, _): channel.closeFuture.whenComplete { _ in self.gone.succeed() }
        case .closed: break
        default: gone.succeed()
        }
    }
}

extension Line.State {
    /// Ends the connection of this round and says what is left to do; nil if it has ended before.
    fileprivate mutating func end(_ ended: Int, longestRest: Duration) -> Line.End? {
        guard ended == round, phase.isOpen || phase.isDialing else { return nil }
        let end = Line.End(
            owner: owner, phase: phase, pause: rest.next(after: phase.lifetime, atMost: longestRest))
        // Whatever the old connection still says comes from an earlier round now.
        round += 1
        phase = .resting
        return end
    }
}

extension Line.Phase {
    fileprivate var isOpen: Bool {
        if case .open = self { true } else { false }
    }

    fileprivate var isDialing: Bool {
        if case .dialing = self { true } else { false }
    }

    /// How long a connection held, nil if there was none.
    fileprivate var lifetime: TimeAmount? {
        if case .open(_, _, let since) = self { NIODeadline.now() - since } else { nil }
    }

    /// Closes what is open or being opened.
    fileprivate func letGo() {
        switch self {
        case .idle, .resting, .closed: break
        case .dialing(let attempt, let alarm):
            alarm.cancel()
            attempt?.whenSuccess { $0.close(promise: nil) }
        case .open(let channel, _, _): channel.close(promise: nil)
        }
    }
}
