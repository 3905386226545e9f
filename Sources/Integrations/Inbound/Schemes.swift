/// Every provider that calls us, and how: the table.
package enum Schemes {
    package static let all: [Scheme] = messaging + forges + desks + files + suites + plain

    /// Nil for a provider that does not call.
    package static func of(_ provider: String) -> Scheme? { all.first { $0.provider == provider } }

    private static let messaging = [
        Scheme(
            provider: "twilio", seal: .twilio,
            identity: .init(places: [
                .form("MessageSid"), .form("MessageStatus"), .form("SmsStatus"), .form("EventType"),
            ]),
            reply: .twiml, fields: ["auth_token"] + Scheme.secrets),
        Scheme(
            provider: "telegram", seal: .token(header: "X-Telegram-Bot-Api-Secret-Token"),
            identity: .init(places: [.json("/update_id")]), isChosen: true),
        Scheme(
            provider: "slack",
            seal: .mac(
                .init(
                    header: "X-Slack-Signature", prefix: "v0=",
                    parts: [.text("v0:"), .time, .text(":"), .body])),
            stamp: .init(place: .header("X-Slack-Request-Timestamp")),
            identity: .init(places: [.json("/event_id")]), handshake: .challenge),
        Scheme(
            provider: "discord",
            seal: .signature(.init(header: "X-Signature-Ed25519", curve: .ed25519)),
            stamp: .init(place: .header("X-Signature-Timestamp")),
            identity: .init(places: [.json("/id")]), handshake: .ping, reply: .deferred),
        Scheme(
            provider: "sendgrid",
            seal: .signature(.init(header: "X-Twilio-Email-Event-Webhook-Signature", curve: .p256)),
            stamp: .init(place: .header("X-Twilio-Email-Event-Webhook-Timestamp")),
            identity: .init(isBody: true)),
        Scheme(
            provider: "mailgun", seal: .mailgun, stamp: .init(place: .body("/signature/timestamp")),
            identity: .init(places: [.json("/event-data/id")], nonce: .json("/signature/token"))),
    ]

    private static let forges = [
        Scheme(
            provider: "github", seal: .mac(.init(header: "X-Hub-Signature-256", prefix: "sha256=")),
            identity: .init(places: [.header("X-GitHub-Delivery")], nonce: .header("X-Hub-Signature-256")),
            limit: 25 << 20,
            isChosen: true),
        Scheme(
            provider: "jira", seal: .mac(.init(header: "X-Hub-Signature", prefix: "sha256=")),
            identity: .init(
                places: [.header("X-Atlassian-Webhook-Identifier")], nonce: .header("X-Hub-Signature")),
            isChosen: true),
        // The time in the header is not signed; the one in the body is.
        Scheme(
            provider: "linear", seal: .mac(.init(header: "Linear-Signature")),
            stamp: .init(place: .body("/webhookTimestamp"), unit: .milliseconds, window_s: 60),
            identity: .init(places: [.header("Linear-Delivery")], nonce: .header("Linear-Signature"))),
    ]

    private static let desks = [
        Scheme(
            provider: "zendesk",
            seal: .mac(
                .init(header: "X-Zendesk-Webhook-Signature", style: .base64, parts: [.time, .body])),
            stamp: .init(place: .header("X-Zendesk-Webhook-Signature-Timestamp"), unit: .text),
            identity: .init(
                places: [.header("X-Zendesk-Webhook-Invocation-Id")],
                nonce: .header("X-Zendesk-Webhook-Signature")),
            printed: ["dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="]),
        Scheme(
            provider: "stripe", seal: .stripe, stamp: .init(place: .part(of: "Stripe-Signature")),
            identity: .init(places: [.json("/id")])),
        Scheme(
            provider: "hubspot", seal: .hubspot,
            stamp: .init(
                place: .header(HubSpotSeal.time), unit: .milliseconds, condition: HubSpotSeal.third.header),
            identity: .init(isBody: true)),
    ]

    private static let files = [
        Scheme(
            provider: "notion", seal: .mac(.init(header: "X-Notion-Signature", prefix: "sha256=")),
            identity: .init(places: [.json("/id")]), handshake: .secretInBody),
        Scheme(
            provider: "asana", seal: .mac(.init(header: "X-Hook-Signature")),
            identity: .init(isBody: true), handshake: .secretInHeader),
        Scheme(
            provider: "trello",
            seal: .mac(
                .init(
                    header: "X-Trello-Webhook", algorithm: .sha1, style: .base64, parts: [.body, .url])),
            identity: .init(places: [.json("/action/id")]), handshake: .presence),
        Scheme(
            provider: "todoist", seal: .mac(.init(header: "X-Todoist-Hmac-SHA256", style: .base64)),
            identity: .init(
                places: [.header("X-Todoist-Delivery-ID")], nonce: .header("X-Todoist-Hmac-SHA256"))),
        // What it tells is only that something changed, time and again in the same words.
        Scheme(
            provider: "dropbox", seal: .mac(.init(header: "X-Dropbox-Signature")), handshake: .echo),
    ]

    private static let suites = [
        Scheme(
            provider: "google_calendar", seal: .token(header: "X-Goog-Channel-Token"),
            identity: .init(places: [.header("X-Goog-Channel-ID"), .header("X-Goog-Message-Number")]),
            isChosen: true),
        Scheme(
            provider: "gmail", seal: .parameter("token"),
            identity: .init(places: [.json("/message/messageId")]), isChosen: true),
        Scheme(
            provider: "microsoft_graph", seal: .notices, identity: .init(isBody: true), handshake: .token,
            isChosen: true, keepsBody: false),
    ]

    private static let plain = [
        Scheme(
            provider: "webhook", seal: .standard, stamp: .init(place: .header("webhook-timestamp")),
            identity: .init(places: [.header("webhook-id")]), isChosen: true)
    ]
}
