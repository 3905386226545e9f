import Core
import Curl

extension Provider {
    /// A channel of Microsoft Teams, through its incoming webhook. Nothing tells afterwards whether a message
    /// was posted.
    package static let teams = Provider(
        "teams", "Microsoft Teams", base: "",
        entrance: Entrance(
            .path,
            fields: [
                Field("base_url", "The address of the channel's incoming webhook.", isSecret: true)
            ]),
        rules: Rules(doubt: .park, pace: Rules.Pace(4, per_s: 1), final: ["413"]), abilities: [.send])
}

/// The incoming webhook of a channel of Teams.
package struct Teams: Sendable {
    package let line: Line

    /// Characters of a text; a post may have 28 kB in all.
    package static let longest = 6_000

    package init(_ line: Line) { self.line = line }

    /// Posts a text as a card.
    package func post(_ text: String, title: String?) async -> Posting {
        var blocks: [JSON] = [["type": "TextBlock", "text": .string(text), "wrap": true]]
        if let title {
            blocks.insert(
                ["type": "TextBlock", "text": .string(title), "weight": "Bolder", "wrap": true], at: 0)
        }
        let body: JSON = [
            "type": "message",
            "attachments": [
                [
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": [
                        "type": "AdaptiveCard",
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "version": "1.4", "body": .array(blocks),
                    ],
                ]
            ],
        ]
        return Posting(await line.tell(.json("POST", line.base, body), reading: Self.reading)) { _ in nil }
    }

    /// The older webhooks answer 200 with words when the channel refuses.
    static let reading: Line.Reading = { answer in
        let words = String(decoding: answer.body.prefix(300), as: UTF8.self)
        if answer.status < 400, words.contains("Microsoft Teams endpoint returned HTTP error 429") {
            return Provider.Refusal(status: 429, code: "429", message: words, retryAfter: answer.retryAfter)
        }
        return answer.status >= 400 ? answer.refusal(words) : nil
    }
}
