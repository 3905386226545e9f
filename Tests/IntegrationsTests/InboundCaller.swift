import Core
import Crypto
import Foundation

@testable import Integrations

/// A provider as a test plays it: it signs a call as its manual says, and calls.
struct InboundCaller: Sendable, CustomStringConvertible {
    let provider: String
    let secret: String
    /// Where the proof stands; nil where it is in the body or the address.
    let seal: String?
    /// Where the time stands.
    var stamp: String?
    /// The proof covers the bytes of the body.
    var coversBody = true
    let make: @Sendable (InboundCaller.Content) throws -> Arrival

    /// What is signed.
    struct Content: Sendable {
        var body: String
        var secret: String
        /// When, in seconds since 1970.
        var at: Int64
        var url = "https://atom.example.org/hooks/x"
    }

    var description: String { provider }
    var scheme: Scheme { Schemes.of(provider)! }

    static let now: Int64 = 1_700_000_000

    func arrival(_ body: String? = nil, secret: String? = nil, at: Int64 = now) throws -> Arrival {
        try make(Content(body: body ?? Self.body(provider), secret: secret ?? self.secret, at: at))
    }

    private static func body(_ provider: String) -> String {
        switch provider {
        case "twilio": "MessageSid=SM1&Body=Hello+there&From=%2B491701234567&SmsStatus=received"
        case "telegram": "{\"update_id\":17,\"message\":{\"text\":\"hello\"}}"
        default: "{\"id\":\"evt_1\",\"type\":\"thing.changed\",\"text\":\"hello\"}"
        }
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String(format: "%02x", $0) }.joined()
    }

    static func sha256(_ text: String, _ secret: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8))))
    }

    static func sha1(_ text: String, _ secret: String) -> [UInt8] {
        Array(
            HMAC<Insecure.SHA1>.authenticationCode(
                for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8))))
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func posted(_ content: Content, _ headers: KeyValuePairs<String, String>) -> Arrival {
        Arrival(
            url: content.url, headers: headers.map { Arrival.Header($0.key, $0.value) },
            body: Array(content.body.utf8))
    }
}

extension InboundCaller {
    static let all: [InboundCaller] = codes + stamped + tokens + keys

    /// Only the body is signed.
    private static let codes = [
        code("github", "X-Hub-Signature-256") { "sha256=" + hex(sha256($0.body, $0.secret)) },
        code("jira", "X-Hub-Signature") { "sha256=" + hex(sha256($0.body, $0.secret)) },
        code("notion", "X-Notion-Signature") { "sha256=" + hex(sha256($0.body, $0.secret)) },
        code("asana", "X-Hook-Signature") { hex(sha256($0.body, $0.secret)) },
        code("dropbox", "X-Dropbox-Signature") { hex(sha256($0.body, $0.secret)) },
        code("todoist", "X-Todoist-Hmac-SHA256") { base64(sha256($0.body, $0.secret)) },
        code("trello", "X-Trello-Webhook") { base64(sha1($0.body + $0.url, $0.secret)) },
        InboundCaller(provider: "twilio", secret: "tok12345", seal: "X-Twilio-Signature") { content in
            let fields = Arrival.Form(Array(content.body.utf8)).fields.sorted { $0.name < $1.name }
            let text = content.url + fields.map { $0.name + $0.value }.joined()
            return posted(
                content,
                [
                    "X-Twilio-Signature": base64(sha1(text, content.secret)),
                    "Content-Type": "application/x-www-form-urlencoded",
                ])
        },
    ]

    private static func code(
        _ provider: String, _ header: String, _ sign: @escaping @Sendable (Content) -> String
    ) -> InboundCaller {
        InboundCaller(provider: provider, secret: "a secret of \(provider)", seal: header) {
            posted($0, [header: sign($0)])
        }
    }

    /// The time is signed too.
    private static let stamped = [
        timed("slack", "X-Slack-Signature", "X-Slack-Request-Timestamp") {
            ("v0=" + hex(sha256("v0:\($0.at):\($0.body)", $0.secret)), "\($0.at)")
        },
        timed("zendesk", "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp") {
            let time = Moment(milliseconds: $0.at * 1_000).text
            return (base64(sha256(time + $0.body, $0.secret)), time)
        },
        timed("hubspot", "X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp") {
            (base64(sha256("POST\($0.url)\($0.body)\($0.at)000", $0.secret)), "\($0.at)000")
        },
        InboundCaller(provider: "stripe", secret: "whsec_stripe", seal: "Stripe-Signature") {
            let code = hex(sha256("\($0.at).\($0.body)", $0.secret))
            return posted($0, ["Stripe-Signature": "t=\($0.at),v0=ab,v1=\(code)"])
        },
        InboundCaller(provider: "linear", secret: "lin_secret", seal: "Linear-Signature") {
            var content = $0
            let flaw = content.body.first.map { $0 != "{" } ?? true
            if !flaw { content.body = "{\"webhookTimestamp\":\(content.at)000," + content.body.dropFirst() }
            return posted(content, ["Linear-Signature": hex(sha256(content.body, content.secret))])
        },
        InboundCaller(
            provider: "webhook", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", seal: "webhook-signature",
            stamp: "webhook-timestamp"
        ) {
            let key = Data(base64Encoded: String($0.secret.dropFirst(6))) ?? Data()
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("msg_1.\($0.at).\($0.body)".utf8), using: SymmetricKey(data: key))
            return posted(
                $0,
                [
                    "webhook-id": "msg_1", "webhook-timestamp": "\($0.at)",
                    "webhook-signature": "v1,\(base64(Array(code)))",
                ])
        },
        InboundCaller(provider: "mailgun", secret: "key-1", seal: nil, coversBody: false) {
            var content = $0
            let code = hex(sha256("\($0.at)token1", $0.secret))
            content.body =
                "{\"signature\":{\"timestamp\":\"\($0.at)\",\"token\":\"token1\",\"signature\":\"\(code)\"},"
                + "\"event-data\":{\"id\":\"e1\"}}"
            return posted(content, [:])
        },
    ]

    private static func timed(
        _ provider: String, _ seal: String, _ stamp: String,
        _ sign: @escaping @Sendable (Content) -> (String, String)
    ) -> InboundCaller {
        InboundCaller(provider: provider, secret: "a secret of \(provider)", seal: seal, stamp: stamp) {
            let (code, time) = sign($0)
            return posted($0, [seal: code, stamp: time])
        }
    }

    /// The secret itself is shown.
    private static let tokens = [
        InboundCaller(
            provider: "telegram", secret: "Secret_token-1", seal: "X-Telegram-Bot-Api-Secret-Token",
            coversBody: false
        ) { posted($0, ["X-Telegram-Bot-Api-Secret-Token": $0.secret]) },
        InboundCaller(
            provider: "google_calendar", secret: "Channel_token-1", seal: "X-Goog-Channel-Token",
            coversBody: false
        ) { posted($0, ["X-Goog-Channel-Token": $0.secret]) },
        InboundCaller(provider: "gmail", secret: "Push_token-1", seal: nil, coversBody: false) {
            var content = $0
            content.url += "?token=\($0.secret)"
            return posted(content, [:])
        },
        InboundCaller(provider: "microsoft_graph", secret: "State-1", seal: nil, coversBody: false) {
            var content = $0
            content.body =
                "{\"value\":[{\"clientState\":\"\($0.secret)\"},{\"clientState\":\"\($0.secret)\"}]}"
            return posted(content, [:])
        },
    ]
}

extension InboundCaller {
    /// A public key checks.
    private static let keys = [edwards, curve, standard]

    private static let edwards: InboundCaller = {
        let key = Curve25519.Signing.PrivateKey()
        return timed(
            "discord", "X-Signature-Ed25519", "X-Signature-Timestamp", hex(key.publicKey.rawRepresentation)
        ) { hex(try key.signature(for: Data("\($0.at)\($0.body)".utf8))) }
    }()

    private static let curve: InboundCaller = {
        let key = P256.Signing.PrivateKey()
        let header = "X-Twilio-Email-Event-Webhook"
        return timed(
            "sendgrid", "\(header)-Signature", "\(header)-Timestamp",
            key.publicKey.derRepresentation.base64EncodedString()
        ) {
            try key.signature(for: Data("\($0.at)\($0.body)".utf8)).derRepresentation.base64EncodedString()
        }
    }()

    private static let standard: InboundCaller = {
        let key = Curve25519.Signing.PrivateKey()
        let secret = "whpk_" + key.publicKey.rawRepresentation.base64EncodedString()
        return InboundCaller(
            provider: "webhook", secret: secret, seal: "webhook-signature", stamp: "webhook-timestamp"
        ) {
            let code = try key.signature(for: Data("msg_1.\($0.at).\($0.body)".utf8))
            return posted(
                $0,
                [
                    "webhook-id": "msg_1", "webhook-timestamp": "\($0.at)",
                    "webhook-signature": "v1,AAAA v1a,\(code.base64EncodedString())",
                ])
        }
    }()

    private static func timed(
        _ provider: String, _ seal: String, _ stamp: String, _ secret: String,
        _ sign: @escaping @Sendable (Content) throws -> String
    ) -> InboundCaller {
        InboundCaller(provider: provider, secret: secret, seal: seal, stamp: stamp) {
            posted($0, [seal: try sign($0), stamp: "\($0.at)"])
        }
    }
}
