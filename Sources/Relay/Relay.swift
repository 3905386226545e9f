import Core
import Logging
import NIOCore
import NIOPosix
import Queue
import Redis
import ServiceLifecycle
import Synchronization

/// Tells browsers over WebSocket what happens to the jobs and rows of their workspace, as it happens and
/// without gaps.
///
/// It listens on a port of its own or takes over upgrades of another server, or both.
package final class Relay: Service {
    private let redis: Client
    private let parts: Parts
    private let door: Door
    private let bailiff: Bailiff
    private let heartbeat: Heartbeat
    private let bound = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - redis: for replays; the relay subscribes on a connection of its own beside it.
    ///   - prefix: what sets this installation's keys apart.
    ///   - authenticate: whose key it is; nil when nobody's.
    ///   - revoked: which keys and sessions ended since a moment; their connections are closed.
    package init(
        _ settings: Settings, redis: Client, prefix: String = Queue.Settings().prefix,
        authenticate: @escaping @Sendable (String) async -> Principal?,
        revoked: @escaping @Sendable (Moment) async throws -> [Revocation] = { _ in [] }, log: Logger
    ) {
        var queues = Queue.Settings()
        queues.prefix = prefix
        self.redis = redis
        parts = Parts(
            settings: settings, exchange: Exchange(settings.limits), desk: Desk(settings.limits),
            queue: { [queues] in Queue($0, on: redis, settings: queues) }, authenticate: authenticate,
            log: log)
        door = Door(parts: parts)
        bailiff = Bailiff(parts: parts, revoked: revoked)
        heartbeat = Heartbeat(book: Workers(ofRelaysOn: redis, prefix: prefix), parts: parts)
    }

    /// The port it listens on, once it does.
    package var port: Int? { bound.withLock { $0 } }

    /// True when connections are taken: the positions of all queues are known and it does not shut down.
    package var isReady: Bool { parts.exchange.isOpen }

    package var metrics: Metrics { parts.exchange.metrics }

    /// Prepares a new connection of another HTTP server, which may become a WebSocket of this relay.
    ///
    /// The connection's HTTP/1.1 codec is added here. The inner future is `value` once it is a WebSocket,
    /// what `plain` returns when it is for the other server, and an error when it was refused, answered and
    /// closed.
    package func receive<Value: Sendable>(
        _ channel: any Channel, _ value: Value,
        plain: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) -> EventLoopFuture<EventLoopFuture<Value>> {
        door.receive(channel, value, plain: plain)
    }

    /// Runs until the surrounding group shuts down; then says goodbye to all clients.
    package func run() async throws {
        let server = try await open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.parts.desk.run() }
            group.addTask { try await self.hear() }
            group.addTask { try await self.bailiff.run() }
            group.addTask { try await self.heartbeat.run() }
            group.addTask { try await gracefulShutdown() }
            let ending = await group.nextResult()
            try await close(server)
            group.cancelAll()
            if case .failure(let error) = ending, !(error is CancellationError) { throw error }
        }
    }

    private func hear() async throws {
        var feed = Feed(redis, parts.queue, parts.exchange, log: parts.log)
        try await feed.run()
    }

    /// Each listener closes within `Limits.closePatience`.
    private func close(_ server: (any Channel)?) async throws {
        let channels = parts.exchange.close(.goingAway)
        parts.desk.close()
        bound.withLock { $0 = nil }
        try await server?.close()
        for channel in channels { try await channel.closeFuture.get() }
    }

    private func open() async throws -> (any Channel)? {
        guard let number = parts.settings.port else { return nil }
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await Port(parts: parts, door: door).open(on: group, number: number)
        bound.withLock { $0 = channel.localAddress?.port }
        parts.log.info("the relay listens", metadata: ["port": "\(channel.localAddress?.port ?? number)"])
        return channel
    }
}
