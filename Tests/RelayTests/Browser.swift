import Core
import Foundation
import NIOCore
import NIOPosix

/// A WebSocket client of a test's own, which can also do what clients may not.
final class Browser {
    /// What the relay said.
    enum Word: Sendable, Equatable {
        /// The answer to the upgrade: the status and all of the text.
        case head(Int, String)
        case text(JSON)
        case ping, pong
        case close(Int)
        case gone
    }

    struct Surprise: Error, CustomStringConvertible {
        let description: String
    }

    private let channel: any Channel
    private var words: AsyncStream<Word>.Iterator

    private init(_ channel: any Channel, _ words: AsyncStream<Word>) {
        self.channel = channel
        self.words = words.makeAsyncIterator()
    }

    /// Connects and asks for `target`, as a WebSocket unless `upgrades` is false; reads nothing yet.
    static func knock(
        _ port: Int, _ headers: [String: String] = [:], target: String = "GET /ws", upgrades: Bool = true
    ) async throws -> Browser {
        let (stream, continuation) = AsyncStream<Word>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reception(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        var all = headers
        all["Host"] = "127.0.0.1"
        if upgrades {
            let usual = [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            ]
            all.merge(usual) { mine, _ in mine }
        }
        let lines = ["\(target) HTTP/1.1"] + all.map { "\($0.key): \($0.value)" } + ["", ""]
        try await channel.writeAndFlush(ByteBuffer(string: lines.joined(separator: "\r\n"))).get()
        return Browser(channel, stream)
    }

    /// A WebSocket, with a key if one is given. Throws when the relay refuses.
    static func open(
        _ port: Int, key: String? = "red", _ headers: [String: String] = [:]
    ) async throws -> Browser {
        var all = headers
        all["X-API-Key"] = key
        let browser = try await knock(port, all)
        guard case .head(101, _) = await browser.word() else {
            throw Surprise(description: "the relay refused the upgrade")
        }
        return browser
    }

    func word() async -> Word { await words.next(isolation: #isolation) ?? .gone }

    /// The next text; answers pings, and throws when something else comes.
    func text() async throws -> JSON {
        while true {
            let word = await word()
            switch word {
            case .text(let json): return json
            case .ping: try await send(0x8A, [])
            default: throw Surprise(description: "\(word) came instead of a text")
            }
        }
    }

    /// Waits for the next text that says `type` and throws away what comes before it.
    @discardableResult func text(_ type: String) async throws -> JSON {
        while true {
            let json = try await text()
            if json["type"]?.string == type { return json }
        }
    }

    /// The code the relay closes with, whatever comes before it.
    func farewell() async -> Int? {
        while true {
            switch await word() {
            case .close(let code): return code
            case .gone: return nil
            default: continue
            }
        }
    }

    func send(_ text: String) async throws { try await send(0x81, Array(text.utf8)) }

    /// A frame with any first byte, masked as it must be unless a test says otherwise.
    func send(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) async throws {
        var frame = ByteBuffer(integer: first)
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.writeInteger(mask | UInt8(payload.count))
        case ..<65_536:
            frame.writeInteger(mask | 126)
            frame.writeInteger(UInt16(payload.count))
        default:
            frame.writeInteger(mask | 127)
            frame.writeInteger(UInt64(payload.count))
        }
        let key: [UInt8] = [7, 11, 13, 17]
        if isMasked { frame.writeBytes(key) }
        frame.writeBytes(isMasked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : payload)
        try await channel.writeAndFlush(frame).get()
    }

    /// Stops to take what comes, or takes it again.
    func read(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    /// Closes the socket without a word.
    func cut() async throws {
        try await channel.close().get()
    }
}

/// Reads the relay's bytes.
private final class Reception: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let words: AsyncStream<Browser.Word>.Continuation
    private var buffer = ByteBuffer()
    private var isOpen = false

    init(_ words: AsyncStream<Browser.Word>.Continuation) { self.words = words }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        if !isOpen { readHead() }
        while isOpen, let word = readFrame() { words.yield(word) }
        buffer.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isOpen, let word = refusal() { words.yield(word) }
        words.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readHead() {
        let text = String(buffer: buffer)
        guard text.hasPrefix("HTTP/1.1 101"), let end = text.range(of: "\r\n\r\n") else { return }
        buffer.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count)
        isOpen = true
        words.yield(.head(101, String(text[..<end.lowerBound])))
    }

    private func refusal() -> Browser.Word? {
        let text = String(buffer: buffer)
        return Int(text.dropFirst(9).prefix(3)).map { .head($0, text) }
    }

    private func readFrame() -> Browser.Word? {
        var copy = buffer
        guard let first: UInt8 = copy.readInteger(), let second: UInt8 = copy.readInteger() else {
            return nil
        }
        let length: Int? =
            switch second & 0x7F {
            case 126: copy.readInteger(as: UInt16.self).map(Int.init)
            case 127: copy.readInteger(as: UInt64.self).map(Int.init)
            default: Int(second & 0x7F)
            }
        guard let length, let payload = copy.readBytes(length: length) else { return nil }
        buffer = copy
        switch first & 0x0F {
        case 1: return .text((try? JSONParser.parse(payload)) ?? .null)
        case 9: return .ping
        case 10: return .pong
        default: return .close(payload.count < 2 ? 1005 : Int(payload[0]) << 8 | Int(payload[1]))
        }
    }
}
