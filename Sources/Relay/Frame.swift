import Core
import NIOCore

/// The texts the relay sends to its clients.
enum Frame {
    /// Room before the text, so that the WebSocket header is written in place.
    private static let headroom = 4

    static func buffer(_ pieces: [UInt8]...) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: pieces.reduce(headroom) { $0 + $1.count })
        buffer.writeRepeatingByte(0, count: headroom)
        buffer.moveReaderIndex(forwardBy: headroom)
        for piece in pieces { buffer.writeBytes(piece) }
        return buffer
    }

    private static func object(_ type: String, _ members: [(String, JSON?)]) -> ByteBuffer {
        let all =
            [JSON.Member("type", .string(type))]
            + members.compactMap { name, value in
                value.map { JSON.Member(name, $0) }
            }
        return buffer(JSON.object(all).bytes)
    }

    static let authenticated = object("authenticated", [])

    static func error(_ message: String, ref: JSON? = nil) -> ByteBuffer {
        object("error", [("message", .string(message)), ("ref", ref)])
    }

    static func pong(_ number: JSON) -> ByteBuffer { object("pong", [("ping", number)]) }

    /// A queue has one position, and so have the changes of rows; a job and a workspace have one in each
    /// queue.
    static func subscribed(_ topic: Topic, at marks: [Mark], ref: JSON?) -> ByteBuffer {
        let texts = marks.map { JSON.string($0.text) }
        let at: JSON = if topic.queue != nil, let only = texts.first { only } else { .array(texts) }
        return object("subscribed", [("subscription", .string(topic.text)), ("at", at), ("ref", ref)])
    }

    static func unsubscribed(_ topic: Topic, ref: JSON?) -> ByteBuffer {
        object("unsubscribed", [("subscription", .string(topic.text)), ("ref", ref)])
    }

    static func gap(_ topic: Topic, from: Mark, to: Mark) -> ByteBuffer {
        object(
            "gap",
            [("subscription", .string(topic.text)), ("from", .string(from.text)), ("to", .string(to.text))])
    }
}

/// One event as it is told to all who listen; what is the same for all is written once, when first needed.
struct Telling {
    let event: Event
    let queue: String
    let position: Position
    private lazy var closing = written()

    init(_ event: Event, in queue: String, at position: Position) {
        self.event = event
        self.queue = queue
        self.position = position
    }

    /// What stands before the id of the previous event, the same for all frames of a subscription.
    static func opening(_ topic: Topic) -> [UInt8] {
        var writer = JSONWriter(capacity: 96)
        writer.raw("{\"type\":\"event\",\"subscription\":")
        writer.write(topic.text)
        writer.raw(",\"previous\":")
        return writer.bytes
    }

    /// The frame for one subscription.
    mutating func frame(_ opening: [UInt8], previous: Position?) -> ByteBuffer {
        let id = previous.map { "\"\(Mark(queue, $0).text)\"" } ?? "null"
        return Frame.buffer(opening, Array(id.utf8), closing)
    }

    private func written() -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.raw(",\"id\":")
        writer.write(Mark(queue, position).text)
        if event.change == nil {
            writer.raw(",\"queue\":")
            writer.write(queue)
        }
        writer.raw(",\"event\":")
        writer.write(event.kind.rawValue)
        writer.raw(event.change == nil ? ",\"job\":" : ",\"row\":")
        writer.write(event.job.text)
        if let change = event.change {
            writer.raw(",\"noun\":")
            writer.write(change.noun)
            writer.raw(",\"version\":")
            writer.write(Int64(change.version))
        }
        if let detail = event.detail {
            writer.raw(",\"detail\":")
            writer.write(detail)
        }
        writer.raw("}")
        return writer.bytes
    }
}
