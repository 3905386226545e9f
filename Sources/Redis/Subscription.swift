/// Messages of channels as they come, over a connection that remakes itself and says when it did.
///
/// One task reads it. Redis keeps no messages for those who are away, so between `lost` and the next `ready`
/// some may be missing. Releasing the subscription and its iterator closes it.
public final class Subscription: AsyncSequence, Sendable {
    /// What a subscription tells.
    public enum Event: Sendable, Hashable {
        /// Everything asked for is subscribed: at the start and again after each `lost`.
        case ready
        /// This channel or pattern, added while running, is subscribed from here on.
        case joined(String)
        case message(channel: String, payload: [UInt8])
        /// The connection broke, or its reader was too slow and what waited was thrown away.
        case lost
    }

    private let listener: Listener

    init(_ listener: Listener) {
        self.listener = listener
    }

    deinit { listener.finish() }

    /// Listens to more channels or patterns; `joined`, or `ready` after a break, says from when on.
    public func add(_ channels: [String] = [], patterns: [String] = []) {
        listener.add(channels.map(Topic.channel) + patterns.map(Topic.pattern))
    }

    /// Stops listening to channels or patterns; messages already on their way still come.
    public func remove(_ channels: [String] = [], patterns: [String] = []) {
        listener.remove(channels.map(Topic.channel) + patterns.map(Topic.pattern))
    }

    /// Ends the sequence and closes the connection.
    public func close() async {
        listener.finish()
        await listener.line.closed()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: self)
    }

    /// Hands out the events; ends when the subscription is closed or the reading task cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let subscription: Subscription

        public mutating func next() async -> Event? {
            await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Event? {
            await subscription.listener.next(isolation: actor)
        }
    }
}
