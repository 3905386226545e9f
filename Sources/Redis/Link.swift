import NIOCore
import Synchronization

/// Commands of any number of tasks over one connection: written together, answered in order.
final class Link: Line.Owner {
    let line: Line
    private let replyPatience: TimeAmount
    private let traffic: Mutex<Traffic>
    /// When the alarm rings that is set, if one is.
    private let alarm = Mutex<NIODeadline?>(nil)

    init(_ line: Line, _ limits: Limits) {
        self.line = line
        replyPatience = TimeAmount(limits.replyPatience)
        traffic = Mutex(Traffic(limits))
        line.start(self)
    }

    nonisolated(nonsending) func send(
        _ command: Command, patience: TimeAmount? = nil
    ) async -> Result<Reply, Fault> {
        await withUnsafeContinuation { push(command, patience: patience, .one($0)) }
    }

    nonisolated(nonsending) func pipeline(_ commands: [Command]) async -> Result<[Reply], Fault> {
        guard !commands.isEmpty else { return .success([]) }
        return await withUnsafeContinuation { continuation in
            let bytes = commands.reduce(0) { $0 + $1.size }
            push(.many(continuation, commands.count), bytes: bytes, patience: nil) { buffer in
                for command in commands { command.write(into: &buffer) }
            }
        }
    }

    func push(_ command: Command, patience: TimeAmount? = nil, _ waiter: Waiter) {
        push(waiter, bytes: command.size, patience: patience) { command.write(into: &$0) }
    }

    private func push(
        _ waiter: Waiter, bytes: Int, patience: TimeAmount?, _ write: (inout ByteBuffer) -> Void
    ) {
        let entry = Traffic.Entry(
            waiter: waiter, bytes: bytes, since: .now(), patience: patience ?? replyPatience)
        switch traffic.withLock({ $0.push(entry, write) }) {
        case .waits: break
        case .drain: line.eventLoop.execute { self.drain() }
        case .refused(let fault): waiter.fail(fault)
        }
    }

    private func drain() {
        if let buffer = traffic.withLock({ $0.take() }) { line.write(buffer) }
        setAlarm()
    }

    func opened() {
        traffic.withLock { $0.opened(.now()) }
        drain()
    }

    func received(_ replies: [Reply]) {
        let (matched, isFinished) = traffic.withLock { ($0.match(replies, .now()), $0.isFinished) }
        for completion in matched.completions { completion.resume() }
        if matched.isSurplus { line.drop(.lost("Redis answered what nobody asked")) }
        if isFinished { line.abandon() }
    }

    func ended(_ fault: Fault) {
        let (completions, isFinished) = traffic.withLock { ($0.ended(fault), $0.isFinished) }
        for completion in completions { completion.resume() }
        if isFinished, fault != .closed { line.abandon() } else { setAlarm() }
    }

    /// Lets what was accepted be answered, then closes.
    func close() async {
        let isFinished = traffic.withLock { traffic in
            traffic.beginClosing()
            return traffic.isFinished
        }
        if isFinished { line.abandon() }
        await line.closed()
    }
}

extension Link {
    private func setAlarm() {
        guard let next = traffic.withLock({ $0.deadline }) else { return }
        let isNew = alarm.withLock { alarm in
            if let alarm, alarm <= next { return false }
            alarm = next
            return true
        }
        if isNew { line.eventLoop.scheduleTask(deadline: next) { self.ring(next) } }
    }

    private func ring(_ deadline: NIODeadline) {
        let isCurrent = alarm.withLock { alarm in
            guard alarm == deadline else { return false }
            alarm = nil
            return true
        }
        guard isCurrent else { return }
        let (completions, isSilent) = traffic.withLock { $0.expire(.now()) }
        for completion in completions { completion.resume() }
        if isSilent { line.drop(.lost("Redis did not answer in time")) }
        setAlarm()
    }
}
