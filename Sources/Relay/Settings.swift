extension Relay {
    /// Where the relay listens, whom it lets in, and its upper bounds.
    package struct Settings: Sendable {
        package var host = "127.0.0.1"
        /// 0 takes any free port; nil opens none, when another server hands its upgrades over.
        package var port: Int? = 8081
        package var path = "/ws"
        /// The values of the `Origin` header from which browsers may connect, such as
        /// `https://app.example.com`.
        package var origins: Set<String> = []
        package var limits = Limits()

        package init() {}
    }

    /// The relay's upper bounds.
    package struct Limits: Sendable {
        package var connections = 10_000
        /// Subscriptions of one connection.
        package var subscriptions = 100
        /// The longest message a client may send.
        package var messageBytes = 65_536
        /// What may wait to be sent to one client when more comes; beyond it the client is too slow.
        package var outgoingBytes = 1 << 20
        /// Messages of one connection that are not understood before it is closed.
        package var faults = 10
        /// How long a connection may take to become a WebSocket.
        package var handshakePatience: Duration = .seconds(10)
        /// How long a client without a key in its headers may take to send one.
        package var keyPatience: Duration = .seconds(5)
        package var pingPeriod: Duration = .seconds(20)
        package var pongPatience: Duration = .seconds(10)
        /// How long the other side may take to answer a close frame.
        package var closePatience: Duration = .seconds(2)
        /// Key checks and replays that run at once.
        package var errands = 16
        /// Key checks and replays that wait.
        package var waitingErrands = 20_000
        /// Messages that wait while their connection's key is checked.
        package var waitingMessages = 64
        /// Batches of events read from Redis at once for a replay.
        package var pageBatches = 50
        /// Live events kept for a subscription while older ones are replayed to it.
        package var heldEvents = 1_000
        /// How long a replay waits for Redis before its client is sent away to try again.
        package var replayPatience: Duration = .seconds(5)
        /// How often it is asked which keys and sessions ended, whose connections are closed then.
        package var revocationPeriod: Duration = .milliseconds(500)

        package init() {}
    }

    /// Counters since the relay started, but for `connections`, which is now.
    package struct Metrics: Sendable {
        package var connections = 0
        package var accepted = 0
        package var refused = 0
        package var eventsSent = 0
        package var droppedSlow = 0
        package var droppedSilent = 0
        package var replays = 0
        /// Holes in what Redis published that were filled from its stream.
        package var gapsFilled = 0
        /// Holes that could not be filled, of which the listeners were told.
        package var gapsTold = 0
        package var redisLosses = 0
    }
}
