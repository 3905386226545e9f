import Core
import Redis

/// A frame that was refused, as the quarantine keeps it.
public struct RefusedFrame: Sendable {
    public let reason: String
    public let at: Moment
    /// The field the reason speaks of, as a JSON pointer into the frame.
    public let pointer: String?
    /// Whose job it would have been, where the frame could be read so far.
    public let workspace: String?
    /// How many bytes it had.
    public let size: Int
    /// Its beginning as text; wrong bytes are shown as the replacement character.
    public let frame: String
    /// What stands in the list.
    let entry: [UInt8]
}

extension Queue {
    /// The most refused frames kept.
    public static let quarantineLimit = 1_000
    /// The most bytes kept of each.
    public static let refusedFrameLimit = 8_192

    /// Puts a frame that was taken into quarantine; false when it was dealt with before.
    package func refuse(_ frame: [UInt8], for failure: Failure, workspace: String?) async throws -> Bool {
        var entry: [JSON.Member] = [
            .init("reason", .string(failure.message)), .init("at", .string(Moment.now.text)),
            .init("size", .integer(Int64(frame.count))),
            .init("frame", .string(String(decoding: frame.prefix(Self.refusedFrameLimit), as: UTF8.self))),
        ]
        if let pointer = failure.pointer { entry.append(.init("pointer", .string(pointer))) }
        if let workspace { entry.append(.init("workspace", .string(workspace))) }
        let kept = JSON.object(entry).bytes
        let reply = try await run(Scripts.refuse) {
            $0.append(frame)
            $0.append(kept)
            $0.append(Int64(Self.quarantineLimit))
        }
        return reply.integer == 1
    }

    /// The refused frames, the newest first.
    public func quarantine() async throws -> [RefusedFrame] {
        let command = Command("LRANGE", keys.quarantine, "0", String(Self.quarantineLimit - 1))
        let reply = try await translating { try await redis.send(command) }
        return (reply.array ?? []).compactMap { $0.bytes.flatMap(RefusedFrame.init) }
    }

    /// Lets refused frames go; the number that went.
    public func release(_ frames: [RefusedFrame]) async throws -> Int {
        let commands = frames.map { frame in
            var command = Command("LREM", keys.quarantine, "1")
            command.append(frame.entry)
            return command
        }
        let replies = try await translating { try await redis.pipeline(commands) }
        return replies.reduce(0) { $0 + Int($1.integer ?? 0) }
    }
}

extension RefusedFrame {
    fileprivate init?(_ entry: [UInt8]) {
        guard let json = try? JSONParser.parse(entry), let reason = json["reason"]?.string,
            let at = json["at"]?.string.flatMap({ Moment($0) })
        else { return nil }
        self.init(
            reason: reason, at: at, pointer: json["pointer"]?.string, workspace: json["workspace"]?.string,
            size: Int(json["size"]?.integer ?? 0), frame: json["frame"]?.string ?? "", entry: entry)
    }
}
