import Core
import Curl

extension Provider {
    /// Slack. It has no idempotency key; where the bot may read a channel, it is asked what was posted there.
    package static let slack = Provider(
        "slack", "Slack", base: "https://slack.com",
        entrance: Entrance(
            .bearer("bot_token"),
            fields: [
                Field("bot_token", "The bot's token, which begins with xoxb-.", isSecret: true),
                Field(
                    "channels", "Channels whose messages are brought, by their ids, with commas.",
                    isRequired: false),
            ],
            consent: Consent(
                authorize: "https://slack.com/oauth/v2/authorize",
                token: "https://slack.com/api/oauth.v2.access",
                scopes: [
                    "chat:write", "chat:write.public", "channels:read", "channels:history", "users:read",
                ])
        ),
        rules: Rules(
            doubt: .ask, pace: Rules.Pace(5, per_s: 1),
            passing: ["ratelimited", "service_unavailable"],
            final: [
                "not_in_channel", "channel_not_found", "is_archived", "msg_too_long", "no_text",
                "invalid_blocks", "msg_blocks_too_long", "missing_scope",
            ],
            lockedOut: [
                "401", "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
            ]),
        abilities: [.send, .receive, .sync],
        check: Check("/api/auth.test", method: "POST", reading: Slack.reading))
}

/// The Web API of Slack.
package struct Slack: Sendable {
    package let line: Line

    /// Pages looked through when a message is searched for.
    private static let mostPages = 5
    /// Errors after which something may have happened all the same.
    private static let hazy: Set<String> = ["fatal_error", "internal_error", "request_timeout"]
    private static let mark = "atom_message"

    package init(_ line: Line) { self.line = line }

    /// Posts a text in Slack's own markup. The id is `<channel>:<ts>`.
    ///
    /// - Parameter key: tells this message from every other; `find` looks for it.
    package func post(_ text: String, to channel: String, key: String) async -> Posting {
        let body: JSON = [
            "channel": .string(channel), "text": .string(text), "unfurl_links": false,
            "metadata": ["event_type": .string(Self.mark), "event_payload": ["key": .string(key)]],
        ]
        return Posting(await line.tell(.json("POST", "/api/chat.postMessage", body), reading: Self.reading)) {
            let json = $0.json
            return "\(json["channel"]?.string ?? channel):\(json["ts"]?.string ?? "")"
        }
    }

    /// The ids of the messages with this key that were posted since `moment`.
    ///
    /// Throws `invalid` where the bot may not read the channel, or was given its name instead of its id.
    package func find(_ key: String, in channel: String, since moment: Moment) async throws -> [String] {
        var cursor: String?
        for _ in 0..<Self.mostPages {
            var form = Form([
                ("channel", channel), ("limit", "200"), ("include_all_metadata", "true"),
                ("oldest", "\(moment.milliseconds / 1_000)"),
            ])
            form.add("cursor", cursor)
            let json = try await line.ask(
                Curl.Request("GET", "/api/conversations.history?\(form.text)"), reading: Self.reading
            ).json
            let found = (json["messages"]?.array ?? []).filter {
                $0["metadata"]?["event_payload"]?["key"]?.string == key
            }
            if !found.isEmpty { return found.map { "\(channel):\($0["ts"]?.string ?? "")" } }
            cursor = json["response_metadata"]?["next_cursor"]?.string
            if cursor?.isEmpty != false { return [] }
        }
        throw Failure(.invalid, "The channel has too many messages to look through.")
    }

    /// Errors come with status 200.
    static let reading: Line.Reading = { answer in
        let json = answer.json
        guard answer.status >= 400 || json["ok"]?.bool != true else { return nil }
        guard let code = json["error"]?.string else { return answer.refusal("no answer of the Web API") }
        let words = (json["needed"]?.string).map { "\(code), it needs \($0)" } ?? code
        let status = hazy.contains(code) ? 500 : code == "ratelimited" ? 429 : answer.status
        return Provider.Refusal(status: status, code: code, message: words, retryAfter: answer.retryAfter)
    }
}
