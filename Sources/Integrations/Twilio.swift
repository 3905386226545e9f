import Core
import Curl
import Foundation

extension Provider {
    /// WhatsApp and SMS. It has no idempotency key, but can be asked what it was told.
    package static let twilio = Provider(
        "twilio", "Twilio", base: "https://api.twilio.com",
        entrance: Entrance(
            .basic(user: "account_sid", password: "auth_token"),
            fields: [
                Field("account_sid", "The Account SID, which begins with AC."),
                Field("auth_token", "The Auth Token.", isSecret: true),
                Field("whatsapp_from", "The number WhatsApp messages come from.", isRequired: false),
                Field("sms_from", "The number SMS come from.", isRequired: false),
                Field(
                    "messaging_service", "A Messaging Service (MG…) that chooses the sender.",
                    isRequired: false),
                Field(
                    "whatsapp_template",
                    "A content template (HX…) with one variable, for texts outside the 24 hours.",
                    isRequired: false),
                Field(
                    "status_callback", "Where Twilio tells how messages go: the address of the webhook.",
                    isRequired: false),
            ]),
        rules: Rules(
            doubt: .ask, pace: Rules.Pace(80, per_s: 1),
            passing: ["20429", "20500", "20503", "63017", "63018", "21611", "30001"],
            final: [
                "20404", "21211", "21614", "21408", "21610", "21617", "21620", "21655", "21656", "63003",
                "63007", "63013", "63016", "63024", "63032",
            ],
            lockedOut: ["401", "20003"]),
        abilities: [.send, .receive],
        check: Check("/2010-04-01/Accounts/{account_sid}.json", reading: Twilio.reading))
}

/// Twilio's Messages (API of 2010-04-01).
package struct Twilio: Sendable {
    package let line: Line

    /// A message as Twilio is told of it; WhatsApp addresses begin with `whatsapp:`.
    package struct Message: Sendable, Hashable {
        package var to: String
        package var sender: String?
        package var service: String?
        package var body: String
        package var media: [String] = []
        /// A content template (HX…) instead of a text.
        package var content: String?
        /// The variables of the template, a JSON object.
        package var variables: String?
        package var callback: String?

        package init(to: String, body: String) {
            self.to = to
            self.body = body
        }
    }

    /// A message as Twilio lists it.
    package struct Entry: Sendable, Hashable {
        package let id: String
        package let body: String
        package let sender: String
        package let createdAt: Moment?
    }

    /// Messages looked through when one is searched for.
    private static let mostLookedThrough = 1_000
    /// Refusals that mean: far too fast.
    private static let crowded: Set<String> = ["63017", "63018", "21611", "30001"]
    private static let crowdedPause: Duration = .seconds(180)

    package init(_ line: Line) { self.line = line }

    package func send(_ message: Message) async -> Posting {
        Posting(await line.tell(message.form.post(to: path), reading: Self.reading)) {
            $0.json["sid"]?.string
        }
    }

    /// The messages to `to` since `moment`, and some before, newest first.
    package func list(to: String, since moment: Moment) async throws -> [Entry] {
        var form = Form([("To", to), ("PageSize", "200")])
        form.add("DateSent>", String(moment.text.prefix(10)))
        var next: String? = "\(path)?\(form.text)"
        var entries: [Entry] = []
        while let url = next, entries.count < Self.mostLookedThrough {
            let json = try await line.ask(Curl.Request("GET", url), reading: Self.reading).json
            entries += (json["messages"]?.array ?? []).map(Entry.init)
            if let last = entries.last?.createdAt, last < moment { return entries }
            // Our badge goes nowhere else.
            next = json["next_page_uri"]?.string.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        guard next == nil else {
            throw Failure(.invalid, "The number has too many messages to look through.")
        }
        return entries
    }

    private var path: String {
        let account = Form.encoded(line.credentials["account_sid"] ?? "")
        return "/2010-04-01/Accounts/\(account)/Messages.json"
    }

    static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let json = answer.json
        let code = json["code"]?.integer.map(String.init)
        return answer.refusal(
            json["message"]?.string ?? "", code: code,
            retryAfter: code.map(crowded.contains) == true ? crowdedPause : nil)
    }
}

extension Twilio.Message {
    fileprivate var form: Form {
        var form = Form([("To", to)])
        if let service { form.add("MessagingServiceSid", service) } else { form.add("From", sender) }
        form.add("ContentSid", content)
        form.add("ContentVariables", content == nil ? nil : variables)
        if content == nil, !body.isEmpty { form.add("Body", body) }
        for url in content == nil ? media : [] { form.add("MediaUrl", url) }
        form.add("StatusCallback", callback)
        return form
    }
}

extension Twilio.Entry {
    fileprivate init(_ json: JSON) {
        id = json["sid"]?.string ?? ""
        body = json["body"]?.string ?? ""
        sender = json["from"]?.string ?? ""
        createdAt = json["date_created"]?.string.flatMap(Self.moment)
    }

    /// A time as RFC 2822 writes it.
    private static func moment(_ text: String) -> Moment? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return format.date(from: text).map { Moment(milliseconds: Int64($0.timeIntervalSince1970 * 1_000)) }
    }
}
