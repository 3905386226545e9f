import NIOCore

/// What waits to be written and what waits for a reply, in the order of the wire; decides, does nothing.
struct Traffic: Sendable {
    struct Entry: Sendable {
        let waiter: Waiter
        /// What it takes on the wire; at most, until it is queued.
        var bytes: Int
        /// When it was queued.
        let since: NIODeadline
        /// How long Redis may be silent while this one waits.
        let patience: TimeAmount
    }

    enum Verdict: Sendable {
        case waits
        /// The first in an empty queue: somebody must drain it.
        case drain
        case refused(Fault)
    }

    private let limits: Limits
    private let connectPatience: TimeAmount
    private var queue = ByteBuffer()
    private var queued: CircularBuffer<Entry> = []
    private var written: CircularBuffer<Entry> = []
    /// The replies of a pipeline that is not complete yet.
    private var gathered: [Reply] = []
    private var commands = 0
    private var bytes = 0
    private var isOpen = false
    private var isClosing = false
    private var isDraining = false
    private var lastHeard = NIODeadline.now()
    private var trouble = Fault.unreachable("no connection yet")

    init(_ limits: Limits) {
        self.limits = limits
        connectPatience = TimeAmount(limits.connectPatience)
    }

    /// True when a closing line has nothing more to do.
    var isFinished: Bool { isClosing && (!isOpen || (queued.isEmpty && written.isEmpty)) }

    mutating func push(_ entry: Entry, _ write: (inout ByteBuffer) -> Void) -> Verdict {
        guard !isClosing else { return .refused(.closed) }
        guard hasRoom(for: entry) else {
            return .refused(.unreachable("too many commands wait (\(commands) with \(bytes) bytes)"))
        }
        let start = queue.writerIndex
        write(&queue)
        var entry = entry
        entry.bytes = queue.writerIndex - start
        commands += entry.waiter.commands
        bytes += entry.bytes
        queued.append(entry)
        defer { isDraining = true }
        return isDraining ? .waits : .drain
    }

    /// One command alone always has room; Redis has bounds of its own for that.
    private func hasRoom(for entry: Entry) -> Bool {
        commands == 0
            || (commands + entry.waiter.commands <= limits.waitingCommands
                && bytes + entry.bytes <= limits.waitingBytes)
    }

    /// The bytes to write now; those who wait move on to wait for replies.
    mutating func take() -> ByteBuffer? {
        guard isOpen else { return nil }
        isDraining = false
        guard !queued.isEmpty else { return nil }
        if written.isEmpty {
            swap(&written, &queued)
        } else {
            written.append(contentsOf: queued)
            queued.removeAll(keepingCapacity: true)
        }
        let taken = queue
        // A buffer of the size just needed spares the next round its growing.
        queue = ByteBufferAllocator().buffer(capacity: min(taken.readableBytes, 64 << 10))
        return taken
    }

    /// Gives each reply to the waiter whose turn it is; stops at one that nobody waits for.
    mutating func match(
        _ replies: [Reply], _ now: NIODeadline
    ) -> (completions: [Completion], isSurplus: Bool) {
        lastHeard = now
        var completions: [Completion] = []
        completions.reserveCapacity(replies.count)
        for reply in replies {
            guard let head = written.first else { return (completions, true) }
            switch head.waiter {
            case .one(let continuation): completions.append(.one(continuation, reply))
            case .call(let body): completions.append(.call(body, reply))
            case .many(let continuation, let count):
                gathered.append(reply)
                guard gathered.count == count else { continue }
                completions.append(.many(continuation, gathered))
                gathered = []
            }
            release(written.removeFirst())
        }
        return (completions, false)
    }

    private mutating func release(_ entry: Entry) {
        commands -= entry.waiter.commands
        bytes -= entry.bytes
    }
}

extension Traffic {
    mutating func opened(_ now: NIODeadline) {
        isOpen = true
        lastHeard = now
    }

    /// What was written is lost; what was not waits for the next connection.
    mutating func ended(_ fault: Fault) -> [Completion] {
        isOpen = false
        gathered = []
        switch fault {
        case .closed:
            isClosing = true
            return failWritten(with: .lost("the connection was closed by this process"))
                + failQueued(while: { _ in true }, with: .closed)
        case .refused:
            // A login that Redis refuses will be refused again: who waits should know at once.
            trouble = fault
            return failWritten(with: fault) + failQueued(while: { _ in true }, with: fault)
        case .lost(let text): trouble = .unreachable(text)
        default: trouble = fault
        }
        return failWritten(with: fault)
    }

    mutating func beginClosing() { isClosing = true }

    /// When `expire` should be called next, if ever.
    var deadline: NIODeadline? {
        if isOpen { return written.first.map { max($0.since, lastHeard) + $0.patience } }
        return queued.first.map { $0.since + connectPatience }
    }

    /// Fails what has waited too long for a connection; the second value is true when Redis is silent.
    mutating func expire(_ now: NIODeadline) -> ([Completion], Bool) {
        if isOpen { return ([], deadline.map { $0 <= now } ?? false) }
        let patience = connectPatience
        return (failQueued(while: { $0.since + patience <= now }, with: trouble), false)
    }

    private mutating func failWritten(with fault: Fault) -> [Completion] {
        let failed = written.map { Completion.failed($0.waiter, fault) }
        for entry in written { release(entry) }
        written.removeAll()
        return failed
    }

    private mutating func failQueued(while isOver: (Entry) -> Bool, with fault: Fault) -> [Completion] {
        var failed: [Completion] = []
        while let head = queued.first, isOver(head) {
            queue.moveReaderIndex(forwardBy: head.bytes)
            failed.append(.failed(head.waiter, fault))
            release(queued.removeFirst())
        }
        if queued.isEmpty {
            queue.clear()
            isDraining = isOpen && isDraining
        }
        return failed
    }
}
