import NIOCore
import Synchronization

/// The working side of a subscription: keeps it subscribed, and its connection honest.
final class Listener: Line.Owner {
    fileprivate struct State {
        var topics: Set<Topic>
        /// What was asked for on this connection and not confirmed yet.
        var awaited: Set<Topic> = []
        var isOpen = false
        var isReady = false
        var mailbox: Mailbox
        var lastHeard = NIODeadline.now()
        var hasAsked = false
        /// Counts the connections, so that the pulse of an earlier one stops.
        var pulse = 0
    }

    let line: Line
    private let limits: Limits
    private let state: Mutex<State>

    init(_ topics: [Topic], _ line: Line, _ limits: Limits) {
        self.line = line
        self.limits = limits
        state = Mutex(State(topics: Set(topics), mailbox: Mailbox(limits)))
        line.start(self)
    }

    func add(_ topics: [Topic]) {
        let new = state.withLock { state in
            let new = topics.filter { state.topics.insert($0).inserted }
            if state.isOpen { state.awaited.formUnion(new) }
            return state.isOpen ? new : []
        }
        write(Topic.subscribe(new))
    }

    func remove(_ topics: [Topic]) {
        let (old, delivery) = state.withLock { state in
            let old = topics.filter { state.topics.remove($0) != nil }
            state.awaited.subtract(old)
            return (state.isOpen ? old : [], state.becomeReady())
        }
        delivery?.resume()
        write(Topic.unsubscribe(old))
    }

    func next(isolation actor: isolated (any Actor)?) async -> Subscription.Event? {
        await withTaskCancellationHandler {
            await withUnsafeContinuation(isolation: actor) { (reader: Mailbox.Reader) in
                let delivery = state.withLock { state in
                    Task.isCancelled
                        ? Mailbox.Delivery(reader: reader, event: nil) : state.mailbox.take(reader)
                }
                delivery?.resume()
            }
        } onCancel: {
            state.withLock { $0.mailbox.release() }?.resume()
        }
    }

    func finish() {
        state.withLock { $0.mailbox.finish() }?.resume()
        line.abandon()
    }

    private func write(_ commands: [Command]) {
        guard !commands.isEmpty else { return }
        line.eventLoop.execute {
            var buffer = ByteBuffer()
            for command in commands { command.write(into: &buffer) }
            self.line.write(buffer)
        }
    }
}

extension Listener {
    func opened() {
        let (topics, pulse, delivery) = state.withLock { state in
            state.isOpen = true
            state.awaited = state.topics
            state.lastHeard = .now()
            state.hasAsked = false
            state.pulse += 1
            return (state.topics, state.pulse, state.becomeReady())
        }
        delivery?.resume()
        write(Topic.subscribe(topics))
        beat(pulse, in: TimeAmount(limits.silence))
    }

    func received(_ replies: [Reply]) {
        var deliveries: [Mailbox.Delivery] = []
        let fault: Fault? = state.withLock { state in
            state.lastHeard = .now()
            state.hasAsked = false
            for reply in replies {
                if let fault = state.hear(Notice(reply), &deliveries) { return fault }
            }
            return nil
        }
        for delivery in deliveries { delivery.resume() }
        if let fault { line.drop(fault) }
    }

    func ended(_ fault: Fault) {
        let delivery: Mailbox.Delivery? = state.withLock { state in
            state.isOpen = false
            state.awaited = []
            guard state.isReady else { return nil }
            state.isReady = false
            return state.mailbox.put(.lost)
        }
        delivery?.resume()
    }

    private func beat(_ pulse: Int, in time: TimeAmount) {
        line.eventLoop.scheduleTask(in: time) { self.check(pulse) }
    }

    /// Asks for a sign of life after a silence, and gives the connection up when none comes.
    private func check(_ pulse: Int) {
        let silence = TimeAmount(limits.silence)
        let quiet: TimeAmount? = state.withLock { state in
            guard state.isOpen, state.pulse == pulse else { return nil }
            return .now() - state.lastHeard
        }
        guard let quiet else { return }
        if quiet < silence { return beat(pulse, in: silence - quiet) }
        let hasAsked = state.withLock { state in
            defer { state.hasAsked = true }
            return state.hasAsked
        }
        if hasAsked { return line.drop(.lost("Redis did not answer in time")) }
        write([Command("PING")])
        beat(pulse, in: TimeAmount(limits.pongPatience))
    }
}

extension Listener.State {
    /// Takes in one notice; a fault means that the connection has to be remade.
    fileprivate mutating func hear(_ notice: Notice, _ deliveries: inout [Mailbox.Delivery]) -> Fault? {
        switch notice {
        case .other: break
        case .refused(let text): return Fault(refusal: text)
        case .joined(let topic):
            let wasReady = isReady
            guard awaited.remove(topic) != nil else { break }
            let delivery = wasReady ? mailbox.put(.joined(topic.name)) : becomeReady()
            if let delivery { deliveries.append(delivery) }
        case .message(let channel, let payload):
            guard !mailbox.isFull else {
                mailbox.overflow()
                isReady = false
                return .lost("the reader of a subscription is too slow")
            }
            if let delivery = mailbox.put(.message(channel: channel, payload: payload)) {
                deliveries.append(delivery)
            }
        }
        return nil
    }

    fileprivate mutating func becomeReady() -> Mailbox.Delivery? {
        guard isOpen, !isReady, awaited.isEmpty else { return nil }
        isReady = true
        return mailbox.put(.ready)
    }
}
