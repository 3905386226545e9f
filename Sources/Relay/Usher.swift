import NIOCore
import NIOHTTP1

/// Looks at a connection's first request before NIO's upgrade handler does, which loses one whose upgrade it
/// does not make: those ask for nothing but plain HTTP when they have passed here.
final class Usher: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let path: String
    private var isDone = false

    init(path: String) { self.path = path }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone, case .head(var head) = Self.unwrapInboundIn(data) else {
            return context.fireChannelRead(data)
        }
        isDone = true
        if !isOurs(head) { head.headers.remove(name: "Upgrade") }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func isOurs(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        return head.path == path && head.method == .GET
            && headers[canonicalForm: "Upgrade"].map { $0.lowercased() } == ["websocket"]
            && headers[canonicalForm: "Sec-WebSocket-Version"] == ["13"]
            && headers[canonicalForm: "Sec-WebSocket-Key"].count == 1
    }
}
