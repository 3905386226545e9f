import Core
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A WebSocket to the relay, seen from the client's end: texts out, texts in.
struct LiveLine: Sendable {
    fileprivate typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// The most bytes of one frame.
    private static let frameLimit = 1 << 20

    let host: String
    let port: Int
    let key: String

    /// How long a relay that has just started may take to listen.
    private static let patience: Duration = .seconds(5)

    /// The first line that can be opened; throws what each failed with once the patience is over.
    static func first(of lines: [LiveLine]) async throws -> OpenLine {
        let deadline = ContinuousClock.now + patience
        while true {
            do { return try await tryEach(lines) } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private static func tryEach(_ lines: [LiveLine]) async throws -> OpenLine {
        var faults: [String] = []
        for line in lines {
            do { return OpenLine(frames: try await line.connect()) } catch {
                faults.append("\(line.port): \(error)")
            }
        }
        throw Failure(.unavailable, "The relay does not answer. \(faults.joined(separator: " "))")
    }
}

/// A line that is open.
struct OpenLine {
    fileprivate let frames: LiveLine.Frames

    /// Sends `first`, then hands each text to `body` until it answers false or the other side closes.
    func run(sending first: JSON, _ body: (JSON) async throws -> Bool) async throws {
        try await frames.executeThenClose { inbound, outbound in
            try await outbound.write(Self.frame(.text, first.bytes))
            for try await frame in inbound {
                switch frame.opcode {
                case .text:
                    let json = try JSONParser.parse(Array(frame.unmaskedData.readableBytesView))
                    guard try await body(json) else { return }
                case .ping:
                    try await outbound.write(Self.frame(.pong, Array(frame.unmaskedData.readableBytesView)))
                case .connectionClose: return
                default: break
                }
            }
        }
    }

    private static func frame(_ code: WebSocketOpcode, _ bytes: [UInt8]) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: code, maskKey: .random(), data: ByteBuffer(bytes: bytes))
    }
}

extension LiveLine {
    private func connect() async throws -> Frames {
        let upgraded: EventLoopFuture<Frames?> = try await ClientBootstrap(
            group: MultiThreadedEventLoopGroup.singleton
        )
        .connectTimeout(.seconds(5))
        .connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: .init(upgradeConfiguration: upgrade))
            }
        }
        guard let frames = try await upgraded.get() else {
            throw Failure(.unauthorized, "The relay refuses the connection. Is the key right?")
        }
        return frames
    }

    private var upgrade: NIOTypedHTTPClientUpgradeConfiguration<Frames?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(maxFrameSize: Self.frameLimit) { channel, _ in
            channel.eventLoop.makeCompletedFuture { try Frames(wrappingChannelSynchronously: channel) }
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws")
        head.headers.add(name: "Host", value: "\(host):\(port)")
        head.headers.add(name: "Authorization", value: "Bearer \(key)")
        return .init(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(nil) })
    }
}

extension WebSocketMaskingKey {
    fileprivate static func random() -> WebSocketMaskingKey {
        WebSocketMaskingKey((0..<4).map { _ in UInt8.random(in: 0...255) }) ?? [0, 0, 0, 0]
    }
}
