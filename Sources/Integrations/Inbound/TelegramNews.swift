import Core

/// Reads an update of a Telegram bot.
enum TelegramNews {
    static func read(_ update: JSON) -> [News] {
        if let query = update["callback_query"] { return press(query).map { [$0] } ?? [] }
        if let message = update["message"] ?? update["channel_post"] { return read(message: message) }
        let kind = update.members?.first { $0.name != "update_id" }?.name
        return kind.map { [.other($0)] } ?? []
    }

    private static func press(_ query: JSON) -> News? {
        guard let id = query["id"]?.string, let data = query["data"]?.string,
            let chat = query["message"]?["chat"]?["id"]?.integer
        else { return nil }
        return .press(News.Press(id: id, chat: String(chat), data: data))
    }

    private static func read(message json: JSON) -> [News] {
        guard let chat = json["chat"]?["id"]?.integer, let number = json["message_id"]?.integer else {
            return []
        }
        guard json["from"]?["is_bot"]?.bool != true else { return [.other("message of a bot")] }
        let media = media(json)
        let text = json["text"]?.string ?? json["caption"]?.string ?? ""
        guard !text.isEmpty || !media.isEmpty else { return [.other("message without words")] }
        // Answers go to the chat, so that the chat is who the message is from.
        var message = News.Message(
            channel: "telegram", id: "\(chat):\(number)", from: String(chat), text: text)
        message.name = name(json["from"] ?? json["chat"] ?? .null)
        message.answers = json["reply_to_message"]?["message_id"]?.integer.map { "\(chat):\($0)" }
        message.at = json["date"]?.double.flatMap { Moment(seconds: $0) }
        message.media = media
        return [.message(message)]
    }

    private static func name(_ person: JSON) -> String? {
        let words = [person["first_name"]?.string, person["last_name"]?.string].compactMap { $0 }
        return words.isEmpty
            ? person["title"]?.string ?? person["username"]?.string : words.joined(separator: " ")
    }

    /// The files of a message; of a photo the largest size.
    private static func media(_ json: JSON) -> [News.Medium] {
        let photo = json["photo"]?.array?.last?["file_id"]?.string.map {
            News.Medium(id: $0, type: "image/jpeg")
        }
        let kinds = [
            ("document", "application/octet-stream"), ("voice", "audio/ogg"), ("audio", "audio/mpeg"),
            ("video", "video/mp4"),
        ]
        let files = kinds.compactMap { kind, usual -> News.Medium? in
            guard let file = json[kind], let id = file["file_id"]?.string else { return nil }
            return News.Medium(id: id, type: file["mime_type"]?.string ?? usual)
        }
        return [photo].compactMap { $0 } + files
    }
}
