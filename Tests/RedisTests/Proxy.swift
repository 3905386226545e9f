import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and Redis, and can fall silent without closing anything, as a broken network does.
final class Proxy: Sendable {
    let port: Int
    private let listener: any Channel
    private let switchboard: Switchboard

    init(to target: Int) async throws {
        let switchboard = Switchboard()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { near in
                let far = ClientBootstrap(group: near.eventLoop)
                    .channelInitializer { far in
                        far.eventLoop.makeCompletedFuture {
                            try far.pipeline.syncOperations.addHandler(Pipe(to: near, switchboard))
                        }
                    }
                    .connect(host: "127.0.0.1", port: target)
                return far.flatMap { far in
                    near.eventLoop.makeCompletedFuture {
                        try near.pipeline.syncOperations.addHandler(Pipe(to: far, switchboard))
                    }
                }
            }
        listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        self.switchboard = switchboard
    }

    deinit { listener.close(promise: nil) }

    /// Swallows whatever the connections open now still say; new ones work.
    func freeze() { switchboard.freeze() }
}

/// Which connections are cut off: all that began before the last freeze.
private final class Switchboard: Sendable {
    private let era = Mutex(0)

    var now: Int { era.withLock { $0 } }

    func freeze() { era.withLock { $0 += 1 } }
}

/// Carries bytes one way, until its era is over.
private final class Pipe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let switchboard: Switchboard
    private let era: Int

    init(to other: any Channel, _ switchboard: Switchboard) {
        self.other = other
        self.switchboard = switchboard
        era = switchboard.now
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if switchboard.now == era { other.writeAndFlush(unwrapInboundIn(data), promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if switchboard.now == era { other.close(promise: nil) }
    }
}
