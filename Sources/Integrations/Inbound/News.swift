import Core

/// What a provider told us, in words of our own. What people wrote is text that nobody vouches for.
package enum News: Sendable, Hashable {
    case message(Message)
    case fate(Fate)
    case press(Press)
    case command(Command)
    /// Something changed there: it is time to look.
    case change
    /// What we do nothing with, by the name that the provider has for it.
    case other(String)

    /// A message that came in.
    package struct Message: Sendable, Hashable {
        /// The name of the channel, such as `whatsapp`.
        package let channel: String
        /// What the channel calls it.
        package let id: String
        package var from: String
        package var to: String?
        /// What its sender goes by.
        package var name: String?
        package var text: String
        /// What the channel calls the message that it answers.
        package var answers: String?
        package var media: [Medium] = []
        package var at: Moment?

        package init(channel: String, id: String, from: String, text: String) {
            self.channel = channel
            self.id = id
            self.from = from
            self.text = text
        }
    }

    /// A file that stays at the provider until somebody wants it.
    package struct Medium: Sendable, Hashable {
        /// Its address or its id there.
        package let id: String
        /// Such as `image/jpeg`.
        package let type: String

        package init(id: String, type: String) {
            self.id = id
            self.type = type
        }
    }

    /// How far a message of ours is.
    package struct Fate: Sendable, Hashable {
        package let channel: String
        /// On the channel email, the Message-ID.
        package let id: String
        /// `sent`, `delivered`, `read`, `failed`; or `complained` where somebody calls it spam.
        package let status: String
        package var reason: String?
    }

    /// Somebody pressed a button under a message of a bot.
    package struct Press: Sendable, Hashable {
        /// What is answered.
        package let id: String
        package let chat: String
        package let data: String
    }

    /// Somebody called a bot by a command of its own.
    package struct Command: Sendable, Hashable {
        /// What is answered.
        package let id: String
        package let application: String
        package let token: String
        package let name: String
        package let text: String
        /// Who called.
        package let user: String
    }
}

extension News {
    /// What a checked call of a provider says. A call that cannot be read says nothing.
    package static func read(_ call: Arrival, from provider: String) -> [News] {
        switch provider {
        case "twilio": TwilioNews.read(call.form)
        case "telegram": TelegramNews.read(call.json)
        case "slack": SlackNews.read(call)
        case "discord": DiscordNews.read(call.json)
        case "stripe": [stripe(call.json)]
        case "github": [github(call)]
        case "google_calendar": [call.header("X-Goog-Resource-State") == "sync" ? .other("sync") : .change]
        case "zendesk", "gmail", "microsoft_graph": [.change]
        case "sendgrid": MailNews.sendgrid(call.json)
        case "mailgun": MailNews.mailgun(call.json)
        case "webhook": [.other(call.json["type"]?.string ?? "webhook")]
        default: [.other(kind(call.json))]
        }
    }

    /// Only what moves money, or will.
    private static func stripe(_ json: JSON) -> News {
        let type = json["type"]?.string ?? ""
        let moving = [
            "charge.", "payment_intent.", "payout.", "refund.", "transfer.", "balance.", "invoice.",
        ]
        return moving.contains { type.hasPrefix($0) } ? .change : .other(type)
    }

    private static func github(_ call: Arrival) -> News {
        let event = call.header("X-GitHub-Event") ?? ""
        return event.hasPrefix("issue") ? .change : .other(event)
    }

    /// What providers call the kind of their news.
    private static func kind(_ json: JSON) -> String {
        let first = json.array?.first ?? json
        let names = ["type", "event", "event_name", "webhookEvent", "action", "subscriptionType"]
        return names.lazy.compactMap { first[$0]?.string }.first ?? "event"
    }
}
