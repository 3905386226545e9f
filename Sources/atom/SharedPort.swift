import Core
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import Relay

/// One port for HTTP and WebSocket: requests for the relay's path become its connections, all others the
/// API's.
struct SharedPort: ServerChildChannel, HTTPChannelHandler {
    /// What a connection turned out to be, known once its first request was read.
    struct Value: ServerChildChannelValue {
        enum Kind: Sendable {
            case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
            /// The relay has it.
            case webSocket
        }

        let kind: EventLoopFuture<Kind>
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    let relay: Relay

    static func builder(_ relay: Relay) -> HTTPServerBuilder {
        HTTPServerBuilder { SharedPort(responder: $0, relay: relay) }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        relay.receive(channel, Value.Kind.webSocket, plain: Self.http).map {
            Value(kind: $0, channel: channel)
        }
    }

    private static func http(_ channel: any Channel) -> EventLoopFuture<Value.Kind> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return .http(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.kind.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            // The server counts the connection until the relay closes it.
            case .webSocket: try await value.channel.closeFuture.get()
            }
        } catch {
            logger.debug("connection ended", metadata: ["error": "\(error)"])
        }
    }
}
