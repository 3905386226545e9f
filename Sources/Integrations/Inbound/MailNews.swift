import Core

/// Reads what the services that carry mail tell: how far mails of ours are.
enum MailNews {
    /// The events of SendGrid come many at a time.
    static func sendgrid(_ json: JSON) -> [News] {
        gathered(json.array ?? []) { event in
            let known = [
                "delivered": "delivered", "bounce": "failed", "dropped": "failed", "spamreport": "complained",
            ]
            let words = [event["status"]?.string, event["reason"]?.string]
            return known[event["event"]?.string ?? ""].flatMap { status in
                fate(event["smtp-id"]?.string, status, to: event["email"]?.string, words)
            }
        }
    }

    /// Mailgun tells of one event at a time.
    static func mailgun(_ json: JSON) -> [News] {
        gathered([json["event-data"] ?? .null]) { event in
            let server = event["delivery-status"]
            let words = [
                server?["code"]?.integer.map { String($0) }, event["reject"]?["reason"]?.string,
                [server?["message"], server?["description"]].compactMap { $0?.string }.first { !$0.isEmpty },
            ]
            return status(ofMailgun: event).flatMap { status in
                let id = event["message"]?["headers"]?["message-id"]?.string
                return fate(id, status, to: event["recipient"]?.string, words)
            }
        }
    }

    private static func status(ofMailgun event: JSON) -> String? {
        switch event["event"]?.string {
        case "delivered": "delivered"
        // After a temporary failure Mailgun tries again.
        case "failed" where event["severity"] != "temporary": "failed"
        case "rejected": "failed"
        case "complained": "complained"
        default: nil
        }
    }

    /// The fates among the events; of all others the first speaks.
    private static func gathered(_ events: [JSON], _ fate: (JSON) -> News?) -> [News] {
        var (fates, rest) = ([News](), News?.none)
        for event in events {
            if let news = fate(event) {
                fates.append(news)
            } else {
                rest = rest ?? .other(event["event"]?.string ?? "event")
            }
        }
        return fates + [rest].compactMap { $0 }
    }

    /// Nil where the event does not say which mail it speaks of.
    private static func fate(
        _ id: String?, _ status: String, to recipient: String?, _ words: [String?]
    ) -> News? {
        guard let id = id?.filter({ !"<> \t".contains($0) }), !id.isEmpty else { return nil }
        let details = words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ").prefix(300)
        let whom = (recipient ?? "somebody") + (details.isEmpty ? "" : " (\(details))")
        let reasons = ["failed": "Not delivered to \(whom).", "complained": "Reported as spam by \(whom)."]
        return .fate(News.Fate(channel: "email", id: id, status: status, reason: reasons[status]))
    }
}
