import Core
import NIOCore
import NIOHTTP1

/// Answers, on the relay's own port, the requests that are no upgrade.
final class Porch: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let parts: Parts
    private var hasAnswered = false

    init(_ parts: Parts) { self.parts = parts }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = Self.unwrapInboundIn(data), !hasAnswered else { return }
        hasAnswered = true
        answer(head).send(on: context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead) -> Answer {
        switch (head.path, head.method) {
        case ("/health", .GET), ("/health", .HEAD): Answer(health: parts.exchange.metrics, head.method)
        case ("/health", _): Answer(.methodNotAllowed, "Ask for /health with GET.")
        case (parts.settings.path, _): Answer(.upgradeRequired, "This address speaks WebSocket (RFC 6455).")
        default: Answer(.notFound, "Here are \(parts.settings.path) and /health only.")
        }
    }
}

/// A whole HTTP answer after which the connection is closed.
struct Answer {
    private let status: HTTPResponseStatus
    private let type: String
    private let body: JSON
    private var hasBody = true

    /// A problem (RFC 9457).
    init(_ status: HTTPResponseStatus, _ detail: String) {
        self.status = status
        type = "application/problem+json"
        body = [
            "type": "about:blank", "title": .string(status.reasonPhrase),
            "status": .integer(Int64(status.code)),
            "detail": .string(detail),
        ]
    }

    init(health metrics: Relay.Metrics, _ method: HTTPMethod) {
        status = .ok
        type = "application/json"
        body = ["status": "ok", "connections": .integer(Int64(metrics.connections))]
        hasBody = method != .HEAD
    }

    func send(on channel: any Channel) {
        let bytes = body.bytes
        var headers: HTTPHeaders = [
            "Content-Type": type, "Content-Length": "\(bytes.count)", "Connection": "close",
        ]
        if status == .upgradeRequired { headers.add(name: "Upgrade", value: "websocket") }
        if status == .unauthorized { headers.add(name: "WWW-Authenticate", value: "Bearer") }
        if status == .serviceUnavailable { headers.add(name: "Retry-After", value: "1") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if hasBody {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil)
        }
    }
}
