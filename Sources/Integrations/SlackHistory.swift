import Core
import Curl

/// Reads what was said in channels of Slack.
package struct SlackHistory: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    static let pageSize = 200

    /// A page of a channel's messages, the newest first.
    ///
    /// - Parameters:
    ///   - oldest: said after this `ts`; nil for all.
    ///   - cursor: where the page before ended.
    package func messages(in channel: String, after oldest: String?, cursor: String?) async throws -> JSON {
        try await line.ask(
            .page(
                "/api/conversations.history",
                [
                    ("channel", channel), ("oldest", oldest), ("inclusive", oldest.map { _ in "false" }),
                    ("limit", "\(Self.pageSize)"), ("cursor", cursor),
                ]), reading: Slack.reading
        ).json
    }

    /// A page of the replies to a message, the oldest first.
    package func replies(to ts: String, in channel: String, cursor: String?) async throws -> JSON {
        try await line.ask(
            .page(
                "/api/conversations.replies",
                [("channel", channel), ("ts", ts), ("limit", "\(Self.pageSize)"), ("cursor", cursor)]),
            reading: Slack.reading
        ).json
    }
}
