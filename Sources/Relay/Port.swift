import Core
import NIOCore
import NIOPosix

/// The relay's own port.
struct Port: Sendable {
    /// Connections the kernel keeps until they are accepted.
    private static let backlog: Int32 = 1_024

    let parts: Parts
    let door: Door

    /// Starts to listen.
    func open(on group: any EventLoopGroup, number: Int) async throws -> any Channel {
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: Self.backlog)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer(receive)
                .bind(host: parts.settings.host, port: number).get()
        } catch {
            throw Failure(
                .conflict, "The relay cannot listen on \(parts.settings.host):\(number). Is the port in use?",
                cause: error)
        }
    }

    private func receive(_ channel: any Channel) -> EventLoopFuture<Void> {
        let handshake = TimeAmount(parts.settings.limits.handshakePatience)
        let patience = channel.eventLoop.scheduleTask(in: handshake) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in patience.cancel() }
        return door.receive(channel, true) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Porch(parts))
                return false
            }
        }.map { upgraded in
            upgraded.whenComplete { result in
                switch result {
                case .success(true): patience.cancel()
                case .success(false): break
                case .failure: channel.close(promise: nil)
                }
            }
        }
    }
}
