import Core
import Logging
import NIOCore
import NIOWebSocket

/// One client: reads what it asks for, sends what it is told, and drops it when it is gone or too slow.
final class Listener: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Order
    typealias OutboundOut = WebSocketFrame

    /// What the rest of the relay tells a listener, by writing it to its channel.
    enum Order: Sendable {
        case send([ByteBuffer])
        case leave(Farewell)
        /// To be called when what waits has been sent.
        case whenDrained(@Sendable () -> Void)
    }

    private enum Phase {
        /// No key yet.
        case mute
        /// A key is checked; messages wait.
        case checking([Request])
        case open
        case closing
    }

    private let parts: Parts
    private let principal: Relay.Principal?
    private var phase = Phase.mute
    /// What the exchange knows it by.
    private var number = 0
    private var assembly: Assembly
    private var faults = 0
    private var isPongDue = false
    private var drained: [@Sendable () -> Void] = []
    /// The one timer: for the key at first, then for pings and pongs, at last for the end.
    private var timer: Scheduled<Void>?

    private var limits: Relay.Limits { parts.settings.limits }

    /// - Parameter principal: whose key came with the upgrade, if one came.
    init(_ parts: Parts, _ principal: Relay.Principal?) {
        self.parts = parts
        self.principal = principal
        assembly = Assembly(limit: parts.settings.limits.messageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard let number = parts.exchange.arrive(context.channel) else { return leave(.goingAway, context) }
        self.number = number
        if let principal { return open(principal, context) }
        schedule(limits.keyPatience, context) { $0.leave(.noKey, $1) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        timer?.cancel()
        drained = []
        if case .closing = phase { return }
        phase = .closing
        parts.exchange.leave(number)
    }

    /// Replaces what the timer was set for.
    private func schedule(
        _ time: Duration, _ context: ChannelHandlerContext,
        _ body: @escaping (Listener, ChannelHandlerContext) -> Void
    ) {
        timer?.cancel()
        let loop = context.eventLoop.assumeIsolated()
        timer = loop.scheduleTask(in: TimeAmount(time)) { body(self, context) }
    }
}

extension Listener {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        guard Assembly.isProper(frame) else { return leave(.malformed, context) }
        switch frame.opcode {
        case .ping: send(.pong, frame.unmaskedData, context)
        case .pong: isPongDue = false
        case .connectionClose: echoClose(frame, context)
        default: take(assembly.take(frame), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError { return leave(Farewell(error), context) }
        // Whoever was sent away may go on sending; the decoder throws that away and says so each time.
        if error is ByteToMessageDecoderError { return }
        parts.log.debug("a listener's connection broke", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    private func take(_ outcome: Assembly.Outcome, _ context: ChannelHandlerContext) {
        switch outcome {
        case .incomplete: break
        case .broken(let farewell): leave(farewell, context)
        case .binary: blame("Messages are text frames of JSON.", context)
        case .text(let text):
            do {
                hear(try Request(Array(text.readableBytesView)), context)
            } catch let failure as Failure {
                blame(failure.message, context)
            } catch {
                blame("The message cannot be read.", context)
            }
        }
    }

    private func hear(_ request: Request, _ context: ChannelHandlerContext) {
        switch (phase, request) {
        case (.mute, .auth(let key)): check(key, context)
        case (.mute, _): leave(.noKey, context)
        case (.checking(let waiting), _) where waiting.count < limits.waitingMessages:
            phase = .checking(waiting + [request])
        case (.checking, _): leave(.tooEager, context)
        case (.open, _): serve(request, context)
        case (.closing, _): break
        }
    }

    private func serve(_ request: Request, _ context: ChannelHandlerContext) {
        switch request {
        case .auth: blame("The key was given already.", context)
        case .ping(let value): send(.text, Frame.pong(value), context)
        case .unsubscribe(let topic, let ref): parts.exchange.unsubscribe(number, from: topic, ref: ref)
        case .subscribe(let topic, let after, let ref):
            do {
                let errands = try parts.exchange.subscribe(number, to: topic, after: after, ref: ref)
                for errand in errands { replay(errand, context) }
            } catch let failure as Failure {
                send(.text, Frame.error(failure.message, ref: ref), context)
            } catch {
                blame("The subscription failed.", context)
            }
        }
    }

    private func replay(_ errand: Hub.Errand, _ context: ChannelHandlerContext) {
        let replay = Replay(errand, parts)
        if !parts.desk.take({ await replay.run() }) { leave(.tryLater, context) }
    }

    /// Says what was wrong; whoever goes on like that is sent away.
    private func blame(_ message: String, _ context: ChannelHandlerContext) {
        faults += 1
        send(.text, Frame.error(message), context)
        if faults >= limits.faults { leave(.tooManyFaults, context) }
    }
}

extension Listener {
    private func check(_ key: String, _ context: ChannelHandlerContext) {
        phase = .checking([])
        let (check, authenticate) = (KeyCheck(key, on: context.eventLoop), parts.authenticate)
        guard parts.desk.take({ await check.ask(authenticate) }) else { return leave(.tryLater, context) }
        check.owner.assumeIsolated().whenSuccess { principal in
            guard case .checking(let waiting) = self.phase else { return }
            guard let principal else { return self.leave(.wrongKey, context) }
            self.send(.text, Frame.authenticated, context)
            self.open(principal, context)
            for request in waiting { self.hear(request, context) }
        }
    }

    private func open(_ principal: Relay.Principal, _ context: ChannelHandlerContext) {
        phase = .open
        parts.exchange.join(number, principal)
        // Connections made together are not pinged together.
        schedule(limits.pingPeriod * Double.random(in: 0.5...1), context) { $0.ping($1) }
    }

    private func ping(_ context: ChannelHandlerContext) {
        isPongDue = true
        send(.ping, ByteBuffer(), context)
        schedule(limits.pongPatience, context) { $0.judgeSilence($1) }
    }

    private func judgeSilence(_ context: ChannelHandlerContext) {
        guard isPongDue else {
            let rest = max(limits.pingPeriod - limits.pongPatience, .zero)
            return schedule(rest, context) { $0.ping($1) }
        }
        parts.exchange.count(\.droppedSilent)
        leave(.silent, context)
    }
}

extension Listener {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .leave(let farewell): leave(farewell, context)
        case .whenDrained(let body): context.channel.isWritable ? body() : drained.append(body)
        case .send(let frames): tell(frames, context)
        }
        promise?.succeed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            let waiting = drained
            drained = []
            for body in waiting { body() }
        }
        context.fireChannelWritabilityChanged()
    }

    private func tell(_ frames: [ByteBuffer], _ context: ChannelHandlerContext) {
        guard case .open = phase else { return }
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting <= limits.outgoingBytes else {
            parts.exchange.count(\.droppedSlow)
            return leave(.tooSlow, context)
        }
        for data in frames {
            let frame = WebSocketFrame(fin: true, opcode: .text, data: data)
            context.write(Self.wrapOutboundOut(frame), promise: nil)
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        if case .closing = phase { return }
        context.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }

    /// Says goodbye and waits a moment for the answer; closing at once could lose the words on their way.
    private func leave(_ farewell: Farewell, _ context: ChannelHandlerContext) {
        if case .closing = phase { return }
        var data = ByteBuffer(integer: farewell.code)
        data.writeString(farewell.reason)
        send(.connectionClose, data, context)
        end()
        schedule(limits.closePatience, context) { _, context in context.close(promise: nil) }
    }

    private func echoClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        if case .closing = phase { return context.close(promise: nil) }
        let data = frame.unmaskedData
        let code = data.getSlice(at: data.readerIndex, length: min(2, data.readableBytes)) ?? ByteBuffer()
        let answer = WebSocketFrame(fin: true, opcode: .connectionClose, data: code)
        end()
        let loopBound = context.loopBound
        context.writeAndFlush(Self.wrapOutboundOut(answer)).whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
        schedule(limits.closePatience, context) { _, context in context.close(promise: nil) }
    }
}
