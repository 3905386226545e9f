import Logging
import NIOCore
import NIOPosix

/// A connection to Redis that any number of tasks share and that remakes itself.
///
/// Commands of all tasks travel together and are answered in order; there is no limit to how many may be
/// on their way but those of `Limits`. Blocking commands and subscriptions have connections of their own.
///
/// A waiting task that is cancelled still gets its reply, which takes `Limits.replyPatience` at most, so that
/// work can be put in order while a process stops.
public final class Client: Sendable {
    public let endpoint: Endpoint
    /// Where replies arrive. An actor whose executor is this loop's gets them without changing threads.
    public let eventLoop: any EventLoop
    private let name: String
    private let limits: Limits
    private let log: Logger?
    private let dialer: Dialer
    private let link: Link

    /// Begins to connect in the background; throws only if the certificates of the endpoint cannot be read.
    ///
    /// - Parameters:
    ///   - group: where the connection lives; pass an `EventLoop` to choose one.
    ///   - name: how `CLIENT LIST` shows the connection.
    ///   - log: hears when a connection breaks and when it is back, once each.
    public init(
        _ endpoint: Endpoint, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        name: String, limits: Limits = Limits(), log: Logger? = nil
    ) throws(Fault) {
        self.endpoint = endpoint
        self.name = name
        self.limits = limits
        self.log = log
        eventLoop = group.next()
        dialer = try Dialer(endpoint, name: name, limits: limits)
        link = Link(Line(dialer, on: eventLoop, log: log), limits)
    }

    deinit { link.line.abandon() }

    /// Sends one command and returns its reply. An error reply is thrown, as `refused` if Redis means it.
    public nonisolated(nonsending) func send(_ command: Command) async throws(Fault) -> Reply {
        try await link.send(command).get().unwrap()
    }

    /// Sends commands together; one reply for each, in order, error replies among them.
    ///
    /// Commands of other tasks do not come between; those of other connections may.
    public nonisolated(nonsending) func pipeline(_ commands: [Command]) async throws(Fault) -> [Reply] {
        try await link.pipeline(commands).get()
    }

    /// Runs a script. If Redis has forgotten it, the source is sent once; the caller does not notice.
    public nonisolated(nonsending) func run(
        _ script: Script, keys: [String], arguments: (inout Command) -> Void = { _ in }
    ) async throws(Fault) -> Reply {
        try await run(Script.Call(script, keys: keys, arguments: arguments))
    }

    /// Runs a script. If Redis has forgotten it, the source is sent once; the caller does not notice.
    public nonisolated(nonsending) func run(_ call: Script.Call) async throws(Fault) -> Reply {
        let reply = try await link.send(call.command).get()
        guard reply.lacksScript else { return try reply.unwrap() }
        return try await send(call.withSource)
    }

    /// Runs scripts together; one reply for each, error replies among them.
    ///
    /// Calls whose script Redis had forgotten run after the others.
    public nonisolated(nonsending) func run(_ calls: [Script.Call]) async throws(Fault) -> [Reply] {
        var replies = try await pipeline(calls.map(\.command))
        let forgotten = replies.indices.filter { replies[$0].lacksScript }
        guard !forgotten.isEmpty else { return replies }
        let again = try await pipeline(forgotten.map { calls[$0].withSource })
        for (index, reply) in zip(forgotten, again) { replies[index] = reply }
        return replies
    }

    /// A connection of its own for blocking commands, on the same event loop.
    public func blocker() -> Blocker {
        Blocker(Link(line("blocking"), limits), unblockedBy: link, limits)
    }

    /// A connection of its own that listens to channels and to patterns of channels, on the same event loop.
    public func subscribe(_ channels: [String], patterns: [String] = []) -> Subscription {
        let topics = channels.map(Topic.channel) + patterns.map(Topic.pattern)
        return Subscription(Listener(topics, line("listening"), limits))
    }

    private func line(_ use: String) -> Line {
        Line(dialer.renamed("\(name)-\(use)"), on: eventLoop, log: log)
    }

    /// Takes no more commands, waits for the replies to those it has, and closes. What `blocker` and
    /// `subscribe` gave out is closed separately.
    public func close() async {
        await link.close()
    }
}
