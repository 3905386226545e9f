/// The upper bounds of a client: how long it waits and how much it holds.
public struct Limits: Sendable {
    /// How long a command waits for a connection before it fails as unreachable.
    public var connectPatience: Duration = .milliseconds(500)
    /// How long Redis may say nothing while a command waits for its reply; then the connection is remade.
    public var replyPatience: Duration = .seconds(5)
    /// How long one attempt to connect, encrypt and log in may take.
    public var dialPatience: Duration = .milliseconds(1500)
    /// How long a blocking command may outlast its own timeout before its connection is remade.
    public var blockingGrace: Duration = .seconds(2)
    /// The longest pause between two attempts to connect.
    public var longestRest: Duration = .seconds(1)
    /// How long a subscription may hear nothing before it asks Redis for a sign of life.
    public var silence: Duration = .seconds(3)
    /// How long that sign may take before the connection is remade.
    public var pongPatience: Duration = .seconds(2)
    /// How many commands may wait at once, for a connection or for their replies.
    public var waitingCommands = 131_072
    /// How many bytes of commands may wait at once.
    public var waitingBytes = 256 << 20
    /// How many events of a subscription may wait for their reader.
    public var bufferedEvents = 8_192
    /// How many bytes of payload may wait for the reader of a subscription.
    public var bufferedBytes = 32 << 20

    public init() {}
}
