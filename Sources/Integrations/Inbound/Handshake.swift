import Core

extension Scheme {
    /// What a provider asks before, or between, the calls that tell something.
    enum Handshake: Sendable {
        case none
        /// Slack: a call of its own type, whose challenge is wanted back.
        case challenge
        /// Discord: a ping.
        case ping
        /// Microsoft Graph: a token in the address, wanted back as plain text.
        case token
        /// Dropbox: the same with GET.
        case echo
        /// Trello: whether anybody is there.
        case presence
        /// Notion: the secret to check with comes in the body.
        case secretInBody
        /// Asana: the secret comes in a header, and is wanted back there.
        case secretInHeader
    }

    /// What is answered to a handshake, and nothing else is done with it.
    package enum Greeting: Sendable, Hashable {
        case text(String)
        case json(JSON)
        /// The secret is to be kept, if there is none yet; and to be sent back in that header.
        case learn(secret: String, header: String?)
        /// It says nothing that anybody waits for.
        case nothing
    }

    /// Bytes of what is sent back as it came.
    private static let longest = 2_000

    /// The answer to a handshake that comes before there is anything to check with; nil for other calls.
    package func opening(_ arrival: Arrival) -> Greeting? {
        switch handshake {
        case .token: arrival.query("validationToken").flatMap(Self.text)
        case .echo where arrival.method == "GET": arrival.query("challenge").flatMap(Self.text)
        case .presence where arrival.method == "GET": .nothing
        case .secretInBody: arrival.json["verification_token"]?.string.map { .learn(secret: $0, header: nil) }
        case .secretInHeader:
            arrival.header("X-Hook-Secret").map { .learn(secret: $0, header: "X-Hook-Secret") }
        case .none, .challenge, .ping, .echo, .presence: nil
        }
    }

    /// The answer to a handshake that was checked like every other call; nil for other calls.
    package func greeting(_ arrival: Arrival) -> Greeting? {
        switch handshake {
        case .challenge where arrival.json["type"] == "url_verification":
            Self.text(arrival.json["challenge"]?.string ?? "")
        case .ping where arrival.json["type"] == 1: .json(["type": 1])
        default: nil
        }
    }

    private static func text(_ text: String) -> Greeting? {
        text.utf8.count <= longest ? .text(text) : nil
    }
}
