import Core

/// Reads what Slack tells through the Events API.
enum SlackNews {
    /// Messages of these kinds are words of people; the others tell of joins, edits and bots.
    private static let spoken: Set<String> = ["", "file_share", "thread_broadcast", "me_message"]

    static func read(_ call: Arrival) -> [News] {
        let json = call.json
        guard json["type"] == "event_callback", let event = json["event"] else {
            return [.other(json["type"]?.string ?? call.form["command"] ?? "interaction")]
        }
        guard event["type"] == "message" else { return [.other(event["type"]?.string ?? "event")] }
        // A bot that answers bots talks to itself.
        guard spoken.contains(event["subtype"]?.string ?? ""), event["bot_id"] == nil,
            event["app_id"] == nil, let user = event["user"]?.string, let channel = event["channel"]?.string,
            let ts = event["ts"]?.string
        else { return [.other("message.\(event["subtype"]?.string ?? "bot")")] }
        var message = News.Message(
            channel: "slack", id: "\(channel):\(ts)", from: user, text: event["text"]?.string ?? "")
        message.to = channel
        message.answers = event["thread_ts"]?.string.flatMap { $0 == ts ? nil : "\(channel):\($0)" }
        message.at = Double(ts).flatMap { Moment(seconds: $0) }
        message.media = (event["files"]?.array ?? []).prefix(10).compactMap { file in
            file["id"]?.string.map { News.Medium(id: $0, type: file["mimetype"]?.string ?? "") }
        }
        return [.message(message)]
    }
}
