import NIOWebSocket

/// Why a connection is closed, as its close frame says it.
struct Farewell: Sendable {
    let code: UInt16
    let reason: String

    static let goingAway = Farewell(code: 1001, reason: "the relay shuts down")
    static let malformed = Farewell(code: 1002, reason: "this is not the WebSocket protocol")
    static let tooManyFaults = Farewell(code: 1008, reason: "too many messages were not understood")
    static let tooEager = Farewell(code: 1008, reason: "too many messages before the key was checked")
    static let tooLarge = Farewell(code: 1009, reason: "messages are limited to 64 KiB")
    static let silent = Farewell(code: 1011, reason: "no pong came")
    static let tooSlow = Farewell(code: 1013, reason: "too slow")
    static let tryLater = Farewell(code: 1013, reason: "try again in a moment")
    static let noKey = Farewell(code: 4401, reason: "no key came in time")
    static let revoked = Farewell(code: 4401, reason: "the key or session was ended")
    static let wrongKey = Farewell(code: 4401, reason: "the key is not known")

    private init(code: UInt16, reason: String) {
        self.code = code
        self.reason = reason
    }

    init(_ error: NIOWebSocketError) {
        self = error == .invalidFrameLength ? .tooLarge : .malformed
    }
}
