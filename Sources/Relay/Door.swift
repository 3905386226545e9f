import Core
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

/// Lets connections become WebSockets: looks at path, origin and key, and refuses with a status and a reason.
struct Door: Sendable {
    /// Why a connection may not become a WebSocket.
    struct Refusal: Error {
        let status: HTTPResponseStatus
        let reason: String

        static let origin = Refusal(status: .forbidden, reason: "Browsers may not connect from this origin.")
        static let key = Refusal(status: .unauthorized, reason: "The key is not known.")
        static let busy = Refusal(
            status: .serviceUnavailable,
            reason: "The relay takes no more connections now. Try again in a moment.")
    }

    /// What is known of one connection from its request until it is a WebSocket.
    private final class Visit: Sendable {
        let principal = Mutex<Relay.Principal?>(nil)
    }

    let parts: Parts

    /// Prepares a new connection: it becomes a WebSocket and yields `value`, or what `plain` makes of it.
    func receive<Value: Sendable>(
        _ channel: any Channel, _ value: Value,
        plain: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) -> EventLoopFuture<EventLoopFuture<Value>> {
        let upgrade = NIOTypedHTTPServerUpgradeConfiguration(
            upgraders: [upgrader(value)], notUpgradingCompletionHandler: plain)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let upgraded = try pipeline.configureUpgradableHTTPServerPipeline(
                configuration: .init(upgradeConfiguration: upgrade))
            let handler = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Value>.self)
            try pipeline.addHandler(Usher(path: parts.settings.path), position: .before(handler))
            return upgraded
        }
    }

    private func upgrader<Value: Sendable>(_ value: Value) -> NIOTypedWebSocketServerUpgrader<Value> {
        let visit = Visit()
        return NIOTypedWebSocketServerUpgrader(
            maxFrameSize: parts.settings.limits.messageBytes, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, head in admit(head, channel, visit) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.writeBufferWaterMark, value: Self.waterMark)
                    let listener = Listener(parts, visit.principal.withLock { $0 })
                    try channel.pipeline.syncOperations.addHandler(listener)
                    return value
                }
            })
    }

    /// Between these a replay waits for its client to take what was sent.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)

    /// The upgrade's headers. The usher lets requests for the relay's path through only.
    private func admit(
        _ head: HTTPRequestHead, _ channel: any Channel, _ visit: Visit
    ) -> EventLoopFuture<HTTPHeaders?> {
        if let origin = head.headers.first(name: "Origin"), !parts.settings.origins.contains(origin) {
            return refuse(.origin, channel)
        }
        guard parts.exchange.isOpen else { return refuse(.busy, channel) }
        guard let key = head.key else { return enter(channel) }
        let check = KeyCheck(key, on: channel.eventLoop)
        let authenticate = parts.authenticate
        guard parts.desk.take({ await check.ask(authenticate) }) else { return refuse(.busy, channel) }
        return check.owner.flatMap { principal in
            guard let principal else { return refuse(.key, channel) }
            visit.principal.withLock { $0 = principal }
            return enter(channel)
        }
    }

    private func enter(_ channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        guard parts.exchange.enter(channel) else { return refuse(.busy, channel) }
        return channel.eventLoop.makeSucceededFuture([:])
    }

    /// Answers and closes. The upgrade fails when the connection is gone, so that nobody answers a second
    /// time.
    private func refuse(_ refusal: Refusal, _ channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        parts.exchange.count(\.refused)
        Answer(refusal.status, refusal.reason).send(on: channel)
        return channel.closeFuture.flatMapThrowing { throw refusal }
    }
}

extension HTTPRequestHead {
    /// The target without its query.
    var path: String { String(uri.prefix { $0 != "?" }) }

    /// The API key the request carries.
    fileprivate var key: String? {
        if let key = headers.first(name: "X-API-Key") { return key }
        guard let words = headers.first(name: "Authorization")?.split(separator: " ", maxSplits: 1),
            words.count == 2, words[0].lowercased() == "bearer"
        else { return nil }
        return String(words[1])
    }
}
