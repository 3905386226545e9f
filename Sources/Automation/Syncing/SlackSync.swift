import Core
import Integrations
import Workspace

/// Brings what was said in channels of Slack into communications, with the replies.
///
/// Slack lists the newest first: a reading goes down to what the one before began with, and only when it is
/// through is that moved up. The replies to older messages come by Slack's events.
struct SlackSync: Sync {
    func streams(of connection: Connection) async throws -> [String] {
        (connection.settings["channels"]?.string ?? "").listed
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let slack = SlackHistory(connection.line)
        if let thread = cursor["threads"]?.array?.first?.string {
            return try await replies(thread, stream, cursor, slack)
        }
        let oldest = cursor["oldest"]?.string
        let answer = try await slack.messages(in: stream, after: oldest, cursor: cursor["cursor"]?.string)
        let messages = answer["messages"]?.array ?? []
        let newest = max(cursor["newest"]?.string ?? oldest ?? "0", messages.map(\.ts).max() ?? "0")
        let threads = messages.filter { ($0["reply_count"]?.integer ?? 0) > 0 }.map { JSON.string($0.ts) }
        let rest = answer["response_metadata"]?["next_cursor"]?.string ?? ""
        let next: JSON = [
            "oldest": JSON(rest.isEmpty ? newest : oldest), "newest": rest.isEmpty ? .null : .string(newest),
            "cursor": rest.isEmpty ? .null : .string(rest), "threads": .array(threads),
        ]
        return SyncPage(next: next, end: rest.isEmpty && threads.isEmpty ? .now : .more) { desk in
            for message in messages.reversed() { try await Self.put(message, stream, &desk) }
        }
    }

    /// One page of the replies to the first message of `threads`.
    private func replies(
        _ thread: String, _ channel: String, _ cursor: JSON, _ slack: SlackHistory
    ) async throws -> SyncPage {
        let answer = try await slack.replies(to: thread, in: channel, cursor: cursor["replies"]?.string)
        let rest = answer["response_metadata"]?["next_cursor"]?.string ?? ""
        let threads = (cursor["threads"]?.array ?? []).dropFirst(rest.isEmpty ? 1 : 0)
        let messages = answer["messages"]?.array ?? []
        let next: JSON = [
            "oldest": cursor["oldest"] ?? .null, "newest": cursor["newest"] ?? .null,
            "cursor": cursor["cursor"] ?? .null, "threads": .array(Array(threads)),
            "replies": rest.isEmpty ? .null : .string(rest),
        ]
        let isLast = threads.isEmpty && cursor["cursor"]?.string == nil
        return SyncPage(next: next, end: isLast ? .now : .more) { desk in
            for message in messages { try await Self.put(message, channel, &desk) }
        }
    }

    /// Kinds of messages that people have written; the others tell who came and went.
    private static let kinds: Set = ["", "bot_message", "file_share", "thread_broadcast", "me_message"]

    private static func put(_ item: JSON, _ channel: String, _ desk: inout SyncDesk) async throws {
        guard kinds.contains(item["subtype"]?.string ?? ""),
            let at = Double(item.ts).flatMap({ Moment(seconds: $0) })
        else { return }
        let id = "\(channel):\(item.ts)"
        var message = RemoteMessage(.slack, at: at)
        message.from = item["user"]?.string ?? item["bot_id"]?.string
        message.to = [channel]
        message.body = item["text"]?.string ?? ""
        message.externalID = id
        message.thread = "\(channel):\(item["thread_ts"]?.string ?? item.ts)"
        try await desk.put(.init("slack", id), message)
    }
}

extension JSON {
    /// What Slack calls a message of a channel.
    fileprivate var ts: String { self["ts"]?.string ?? "0" }
}
