import Core

/// Reads server-sent events (the event stream of HTML) as they arrive, in whatever pieces.
package struct ServerEvents: Sendable {
    package struct Event: Sendable, Hashable {
        /// `message` where the sender names none.
        package let name: String
        /// The lines of its data with a line feed between.
        package let data: String

        package init(_ name: String = "message", _ data: String) {
            self.name = name
            self.data = data
        }
    }

    /// The most bytes that one event may have.
    package static let most = 1 << 20

    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8]?
    private var isAfterReturn = false
    private var isFirstLine = true

    package init() {}

    /// The events that `piece` completes. Throws `Failure(.unavailable)` for an event that is too long.
    package mutating func take(_ piece: some Sequence<UInt8>) throws(Failure) -> [Event] {
        var events: [Event] = []
        for byte in piece {
            defer { isAfterReturn = byte == 0x0D }
            switch byte {
            case 0x0A where isAfterReturn: continue
            case 0x0A, 0x0D: if let event = endLine() { events.append(event) }
            default:
                line.append(byte)
                guard line.count + (data?.count ?? 0) <= Self.most else {
                    throw Failure(.unavailable, "An event of the stream is longer than \(Self.most) bytes.")
                }
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        var text = line[...]
        line = []
        if isFirstLine, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        isFirstLine = false
        guard !text.isEmpty else { return endEvent() }
        let end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        var value = text[end...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: text[..<end], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data": data = data.map { $0 + [0x0A] + value } ?? Array(value)
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> Event? {
        defer { (name, data) = ("", nil) }
        return data.map { Event(name.isEmpty ? "message" : name, String(decoding: $0, as: UTF8.self)) }
    }
}
