import Core
import Redis

/// The events of one script call, in order, under one number.
public struct EventBatch: Sendable {
    /// Grows by one with each batch of a queue, so that a reader sees at once when it missed some.
    public let sequence: Int64
    public let events: [Event]

    init(sequence: Int64, lines: String) {
        self.sequence = sequence
        events = lines.split(separator: "\n").compactMap { Event(line: $0) }
    }

    /// The batch in a pub/sub message: its number, a line feed, the lines.
    public init?(message: [UInt8]) {
        guard let end = message.firstIndex(of: 0x0A),
            let sequence = Int64(String(decoding: message[..<end], as: UTF8.self))
        else { return nil }
        self.init(sequence: sequence, lines: String(decoding: message[(end + 1)...], as: UTF8.self))
    }
}

extension Queue {
    /// The channel on which the queue's events are published.
    public var channel: String { keys.events }

    /// The channel on which workers are told to stop a job: a delivery, a line feed, the reason as a JSON
    /// string.
    package var controlChannel: String { keys.control }

    /// What a message on the control channel says.
    package static func cancelRequest(_ message: [UInt8]) -> (delivery: Delivery, reason: String)? {
        guard let end = message.firstIndex(of: 0x0A),
            let delivery = Delivery(String(decoding: message[..<end], as: UTF8.self))
        else { return nil }
        return (delivery, reason(Array(message[(end + 1)...])))
    }

    /// The number of the last batch, 0 before the first.
    public func lastSequence() async throws -> Int64 {
        let reply = try await translating { try await redis.send(Command("GET", keys.sequence)) }
        return reply.text.flatMap { Int64($0) } ?? 0
    }

    /// Kept batches after `sequence`, oldest first, at most `limit`. The first may lie beyond `sequence + 1`
    /// when older ones have been trimmed.
    public func replay(after sequence: Int64, limit: Int = 1_000) async throws -> [EventBatch] {
        let command = Command("XRANGE", keys.events, "(\(sequence)-0", "+", "COUNT", String(limit))
        let reply = try await translating { try await redis.send(command) }
        return (reply.array ?? []).compactMap { entry in
            guard let parts = entry.array, parts.count == 2, let id = parts[0].text,
                let fields = parts[1].array,
                fields.count >= 2, let lines = fields[1].text,
                let sequence = Int64(id.prefix { $0 != "-" })
            else { return nil }
            return EventBatch(sequence: sequence, lines: lines)
        }
    }
}
