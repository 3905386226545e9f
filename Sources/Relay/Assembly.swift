import NIOCore
import NIOWebSocket

/// Puts the frames of a message together and watches over the protocol (RFC 6455, section 5).
struct Assembly {
    enum Outcome {
        case incomplete
        case text(ByteBuffer)
        case binary
        case broken(Farewell)
    }

    private let limit: Int
    private var message: ByteBuffer?
    private var isBinary = false

    init(limit: Int) { self.limit = limit }

    /// A frame that carries data; control frames do not come here.
    mutating func take(_ frame: WebSocketFrame) -> Outcome {
        let isContinuation = frame.opcode == .continuation
        guard isContinuation == (message != nil),
            frame.opcode == .text || frame.opcode == .binary || isContinuation
        else { return .broken(.malformed) }
        if !isContinuation { isBinary = frame.opcode == .binary }
        var data = frame.unmaskedData
        var whole = message ?? ByteBuffer()
        guard whole.readableBytes + data.readableBytes <= limit else { return .broken(.tooLarge) }
        if isContinuation { whole.writeBuffer(&data) } else { whole = data }
        message = frame.fin ? nil : whole
        guard frame.fin else { return .incomplete }
        return isBinary ? .binary : .text(whole)
    }

    /// What a client may not do in any frame: clients mask, and no extension was agreed on.
    static func isProper(_ frame: WebSocketFrame) -> Bool {
        frame.maskKey != nil && !frame.rsv1 && !frame.rsv2 && !frame.rsv3
    }
}
