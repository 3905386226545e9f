extension Curl {
    /// One answer of a mail server: its code and what it said.
    package struct Reply: Sendable, Hashable, CustomStringConvertible {
        package let code: Int
        package let text: String

        package var description: String { "\(code) \(text)" }

        var isPermanent: Bool { code >= 500 }
    }

    /// A recipient that the server would not take.
    package struct Refusal: Sendable, Hashable {
        package let recipient: String
        package let reply: Reply
    }

    /// The server has taken the mail, for all recipients but those in `refused`.
    package struct Receipt: Sendable {
        /// The last answer, often with the server's own name for the mail.
        package let reply: Reply
        package let refused: [Refusal]
        package let metrics: Metrics
    }

    /// A mail was not taken, or nobody knows.
    package struct Undelivered: Error, Sendable, CustomStringConvertible {
        package enum Certainty: String, Sendable {
            /// It was not taken, and will not be the next time.
            case permanent
            /// It was not taken; later it may be.
            case transient
            /// The whole mail may have reached the server, whose answer is missing.
            case ambiguous
        }

        package let certainty: Certainty
        package let message: String
        /// The server's refusal, if it gave one.
        package let reply: Reply?
        package let refused: [Refusal]
        package let metrics: Metrics

        package var description: String { "\(certainty.rawValue): \(message)" }
    }
}
