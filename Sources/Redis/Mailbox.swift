import NIOCore

/// Events that wait for the one task that reads them, up to a bound.
struct Mailbox: Sendable {
    typealias Reader = UnsafeContinuation<Subscription.Event?, Never>

    /// A reader and what it gets, to be resumed outside any lock.
    struct Delivery: Sendable {
        let reader: Reader
        let event: Subscription.Event?

        func resume() { reader.resume(returning: event) }
    }

    private let limits: Limits
    private var events: CircularBuffer<Subscription.Event> = []
    private var bytes = 0
    private var reader: Reader?
    private var isFinished = false

    init(_ limits: Limits) {
        self.limits = limits
    }

    var isFull: Bool { events.count >= limits.bufferedEvents || bytes >= limits.bufferedBytes }

    mutating func put(_ event: Subscription.Event) -> Delivery? {
        guard !isFinished else { return nil }
        if let reader {
            self.reader = nil
            return Delivery(reader: reader, event: event)
        }
        if isFull { overflow() }
        events.append(event)
        bytes += event.size
        return nil
    }

    /// Throws away what waits, because the reader is too slow, and leaves word of it.
    mutating func overflow() {
        events.removeAll()
        events.append(.lost)
        bytes = 0
    }

    /// Hands out the next event, or keeps the reader until there is one. A second reader gets nothing.
    mutating func take(_ newcomer: Reader) -> Delivery? {
        if let event = events.popFirst() {
            bytes -= event.size
            return Delivery(reader: newcomer, event: event)
        }
        guard !isFinished, reader == nil else { return Delivery(reader: newcomer, event: nil) }
        reader = newcomer
        return nil
    }

    /// Lets a waiting reader go with nothing.
    mutating func release() -> Delivery? {
        defer { reader = nil }
        return reader.map { Delivery(reader: $0, event: nil) }
    }

    mutating func finish() -> Delivery? {
        isFinished = true
        events.removeAll()
        bytes = 0
        return release()
    }
}

extension Subscription.Event {
    fileprivate var size: Int {
        if case .message(let channel, let payload) = self { channel.utf8.count + payload.count } else { 0 }
    }
}
