/// Reads what Twilio tells: messages to us, and how far ours are.
enum TwilioNews {
    /// Files of one message.
    private static let mostMedia = 10

    static func read(_ form: Arrival.Form) -> [News] {
        guard let id = form["MessageSid"] ?? form["SmsMessageSid"], !id.isEmpty else { return [] }
        let status = form["MessageStatus"] ?? ""
        guard status.isEmpty || status == "received" else { return [fate(form, id, status)] }
        guard let from = form["From"], !from.isEmpty else { return [] }
        var message = News.Message(
            channel: channel(from), id: id, from: address(from),
            text: form["Body"].flatMap { $0.isEmpty ? nil : $0 } ?? place(form) ?? form["ButtonText"] ?? "")
        message.to = form["To"].map(address)
        message.name = form["ProfileName"]
        message.answers = form["OriginalRepliedMessageSid"]
        let count = min(form["NumMedia"].flatMap { Int($0) } ?? 0, mostMedia)
        message.media = (0..<max(0, count)).compactMap { number in
            form["MediaUrl\(number)"].map {
                News.Medium(id: $0, type: form["MediaContentType\(number)"] ?? "")
            }
        }
        return [.message(message)]
    }

    private static func fate(_ form: Arrival.Form, _ id: String, _ status: String) -> News {
        let known = [
            "sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed",
            "undelivered": "failed", "canceled": "failed",
        ]
        guard let word = known[status] else { return .other(status) }
        let whose = form["To"] ?? form["From"] ?? ""
        let reason = [
            form["ChannelStatusMessage"], form["ErrorMessage"], form["ErrorCode"].map { "error \($0)" },
        ]
        return .fate(
            News.Fate(
                channel: channel(whose), id: id, status: word,
                reason: reason.compactMap { $0 }.first { !$0.isEmpty }))
    }

    private static func channel(_ address: String) -> String {
        address.hasPrefix("whatsapp:") ? "whatsapp" : "sms"
    }

    private static func address(_ text: String) -> String {
        text.hasPrefix("whatsapp:") ? String(text.dropFirst(9)) : text
    }

    /// A place that was sent instead of words.
    private static func place(_ form: Arrival.Form) -> String? {
        guard let latitude = form["Latitude"], let longitude = form["Longitude"] else { return nil }
        let label = form["Label"] ?? form["Address"] ?? ""
        return "Location \(latitude), \(longitude)" + (label.isEmpty ? "" : " (\(label))")
    }
}
