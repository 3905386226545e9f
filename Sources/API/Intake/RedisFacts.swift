import Core
import Queue
import Redis

/// What Redis says of its memory and its disk.
struct RedisFacts: Sendable {
    let usedMemory: Int64
    /// 0 means that there is no limit.
    let maxMemory: Int64
    let evictionPolicy: String
    let hasAppendOnlyFile: Bool
    /// False after the file could not be written or rewritten.
    let isAppendOnlyFileSound: Bool
    let version: String

    /// The share of its memory that is used; 0 where there is no limit.
    var share: Double { maxMemory > 0 ? Double(usedMemory) / Double(maxMemory) : 0 }

    init(_ redis: Client) async throws {
        let sections = ["server", "memory", "persistence"].map { Command("INFO", $0) }
        let replies = try await translating { try await redis.pipeline(sections) }
        let fields = Self.fields(replies.compactMap(\.text).joined(separator: "\n"))
        usedMemory = fields["used_memory"].flatMap { Int64($0) } ?? 0
        maxMemory = fields["maxmemory"].flatMap { Int64($0) } ?? 0
        evictionPolicy = fields["maxmemory_policy"] ?? "unknown"
        hasAppendOnlyFile = fields["aof_enabled"] == "1"
        isAppendOnlyFileSound =
            fields["aof_last_write_status"] != "err" && fields["aof_last_bgrewrite_status"] != "err"
        version = fields["redis_version"] ?? "unknown"
    }

    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }
}
