import Core
import Curl

extension Provider {
    /// A bot of Telegram. Nothing tells afterwards whether a message was sent.
    package static let telegram = Provider(
        "telegram", "Telegram", base: "https://api.telegram.org",
        entrance: Entrance(
            .path,
            fields: [Field("bot_token", "The token that @BotFather gave the bot.", isSecret: true)]),
        rules: Rules(
            doubt: .park, pace: Rules.Pace(30, per_s: 1), final: ["413"], lockedOut: ["401", "404"]),
        abilities: [.send, .receive], check: Check("/bot{bot_token}/getMe", reading: Telegram.reading))
}

/// The Bot API of Telegram.
package struct Telegram: Sendable {
    package let line: Line

    /// What became of a message.
    package enum Outcome: Sendable {
        case posted(id: String)
        /// The group is another chat now.
        case moved(to: String)
        /// The text does not parse as what it was said to be.
        case unparsed
        /// The bot was blocked or thrown out, or the user is gone.
        case gone(Failure)
        case failed(Failure)
        case unclear(Failure)
    }

    /// UTF-16 units of a text.
    package static let longest = 4_096

    package init(_ line: Line) { self.line = line }

    /// Sends a text. The id is `<chat>:<number of the message>`, for numbers count within a chat.
    ///
    /// - Parameters:
    ///   - mode: `MarkdownV2` or `HTML`; nil for plain text.
    ///   - markup: a keyboard, as the Bot API has it.
    package func send(
        _ text: String, to chat: String, mode: String? = nil, markup: JSON? = nil
    ) async -> Outcome {
        var members: [JSON.Member] = [
            .init("chat_id", Int64(chat).map { .integer($0) } ?? .string(chat)), .init("text", .string(text)),
        ]
        if let mode { members.append(.init("parse_mode", .string(mode))) }
        if let markup { members.append(.init("reply_markup", markup)) }
        switch await line.tell(request("sendMessage", .object(members)), reading: Self.patient) {
        case .made(let answer): return Self.outcome(of: answer, chat)
        case .failed(let failure): return .failed(failure)
        case .unclear(let failure): return .unclear(failure)
        }
    }

    /// Calls a method that may be repeated without harm, such as `answerCallbackQuery`; its result.
    package func ask(_ method: String, _ body: JSON) async throws -> JSON {
        try await line.ask(request(method, body), reading: Self.reading).json["result"] ?? .null
    }

    private func request(_ method: String, _ body: JSON) -> Curl.Request {
        .json("POST", "/bot\(line.credentials["bot_token"] ?? "")/\(method)", body)
    }

    static let reading: Line.Reading = { answer in
        let json = answer.json
        guard answer.status >= 400 || json["ok"]?.bool != true else { return nil }
        return answer.refusal(
            json["description"]?.string ?? "",
            retryAfter: Line.Answer.pause(seconds: json["parameters"]?["retry_after"]?.double))
    }

    /// Leaves the refusals to the caller that it can do something about.
    private static let patient: Line.Reading = { answer in
        let json = answer.json
        let isMoved = json["parameters"]?["migrate_to_chat_id"]?.integer != nil
        return isMoved || answer.status == 403 || isUnparsed(answer) ? nil : reading(answer)
    }

    private static func isUnparsed(_ answer: Line.Answer) -> Bool {
        answer.status == 400 && answer.json["description"]?.string?.contains("can't parse entities") == true
    }

    private static func outcome(of answer: Line.Answer, _ chat: String) -> Outcome {
        let json = answer.json
        if let next = json["parameters"]?["migrate_to_chat_id"]?.integer { return .moved(to: "\(next)") }
        if isUnparsed(answer) { return .unparsed }
        if answer.status == 403 {
            let words = json["description"]?.string ?? "Forbidden"
            return .gone(Failure(.missing, "Telegram does not reach this chat any more: \(words)."))
        }
        let number = json["result"]?["message_id"]?.integer.map(String.init) ?? ""
        let home = json["result"]?["chat"]?["id"]?.integer.map(String.init) ?? chat
        return .posted(id: "\(home):\(number)")
    }
}
