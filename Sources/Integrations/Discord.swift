import Core
import Curl

extension Provider {
    /// Discord, as a bot or through the webhook of a channel. A bot can be asked what it posted; a webhook
    /// cannot.
    package static let discord = Provider(
        "discord", "Discord", base: "https://discord.com",
        entrance: Entrance(
            .none,
            fields: [
                Field("bot_token", "The bot's token.", isSecret: true, isRequired: false),
                Field(
                    "webhook_url", "The address of a channel's webhook, instead of a bot.", isSecret: true,
                    isRequired: false),
            ]),
        rules: Rules(doubt: .ask, pace: Rules.Pace(40, per_s: 1), final: ["413", "50035", "50006"]),
        abilities: [.send, .receive])
}

/// Messages of Discord (API v10).
package struct Discord: Sendable {
    package let line: Line

    /// Characters of a text.
    package static let longest = 2_000
    /// Discord's own beginning of time, in milliseconds.
    private static let epoch_ms: Int64 = 1_420_070_400_000
    /// Messages of a page, and pages looked through when a message is searched for.
    private static let page = 100
    private static let mostPages = 10

    package init(_ line: Line) { self.line = line }

    /// True for a bot, which can look at what it posted.
    package var isBot: Bool { line.credentials["bot_token"] != nil }

    /// Posts a text, which may call nobody by `@everyone` and the like.
    ///
    /// - Parameters:
    ///   - channel: the id of the channel; a webhook has its own.
    ///   - nonce: at most 25 characters; Discord folds repeats of some minutes under it.
    package func post(_ text: String, to channel: String, nonce: String) async -> Posting {
        var members: [JSON.Member] = [
            .init("content", .string(text)), .init("allowed_mentions", ["parse": []]),
        ]
        if isBot { members += [.init("nonce", .string(nonce)), .init("enforce_nonce", true)] }
        do {
            let request = try request("POST", isBot ? messages(channel) : hook(), .object(members))
            return Posting(await line.tell(request, reading: Self.reading)) { $0.json["id"]?.string }
        } catch let failure { return .failed(failure) }
    }

    /// The ids of the bot's messages with this text or nonce in a channel since `moment`, oldest first.
    package func find(
        _ text: String, nonce: String, in channel: String, since moment: Moment
    ) async throws -> [String] {
        let found = try await messages(in: channel, since: moment)
        // Discord keeps a text without the white space around it.
        let wanted = text.trimmingEdges
        let own = found.filter { $0["nonce"]?.string == nonce }
        // What shows another nonce is another message of ours.
        let alike = found.filter {
            $0["author"]?["bot"]?.bool == true && $0["content"]?.string == wanted
                && $0["nonce"]?.string == nil
        }
        return (own.isEmpty ? alike : own).compactMap { $0["id"]?.string }
    }

    /// All messages of a channel since `moment`, oldest first.
    private func messages(in channel: String, since moment: Moment) async throws -> [JSON] {
        var after = "\(max(0, moment.milliseconds - Self.epoch_ms) << 22)"
        var found: [JSON] = []
        for _ in 0..<Self.mostPages {
            let path = "\(messages(channel))?limit=\(Self.page)&after=\(after)"
            let answer = try await line.ask(request("GET", path, nil), reading: Self.reading)
            // Each page is newest first.
            let part = answer.json.array ?? []
            found += part.reversed()
            guard part.count == Self.page, let newest = part.first?["id"]?.string else { return found }
            after = newest
        }
        throw Failure(.invalid, "The channel has too many messages to look through.")
    }

    private func messages(_ channel: String) -> String {
        "/api/v10/channels/\(Form.encoded(channel))/messages"
    }

    /// The path of the webhook: only what stands behind `webhooks` of the address is used.
    private func hook() throws(Failure) -> String {
        let parts = (line.credentials["webhook_url"] ?? "").prefix { $0 != "?" }.split(separator: "/")
        guard let index = parts.lastIndex(of: "webhooks"), parts.count >= index + 3 else {
            throw Failure(.invalid, "The connection has neither a bot's token nor the address of a webhook.")
        }
        let names = parts[(index + 1)...(index + 2)].map { Form.encoded(String($0)) }
        return "/api/v10/webhooks/\(names.joined(separator: "/"))?wait=true"
    }

    private func request(_ method: String, _ url: String, _ body: JSON?) throws(Failure) -> Curl.Request {
        var request = body.map { Curl.Request.json(method, url, $0) } ?? Curl.Request(method, url)
        if let token = line.credentials["bot_token"] {
            request.headers.append(.init("Authorization", "Bot \(token)"))
        }
        return request
    }

    static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let json = answer.json
        return answer.refusal(
            json["message"]?.string ?? "", code: json["code"]?.integer.flatMap { $0 == 0 ? nil : "\($0)" },
            retryAfter: Line.Answer.pause(seconds: json["retry_after"]?.double))
    }
}

extension String {
    fileprivate var trimmingEdges: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
