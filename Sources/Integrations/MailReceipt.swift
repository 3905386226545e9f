import Core
import Curl

extension Mail {
    /// A recipient whom the server would not take, while it took others.
    package struct Refusal: Sendable, Hashable {
        package let recipient: String
        /// The code and text of the server's answer.
        package let reply: String
        /// False when it may be taken later.
        package let isPermanent: Bool
    }

    /// The mail was taken, for all recipients but those refused.
    package struct Receipt: Sendable {
        /// What the server answered, often with its own name for the mail.
        package let reply: String
        package let refused: [Refusal]
        /// True when it went no further than the sandbox.
        package let isSandbox: Bool
        package let took: Duration
    }
}

extension Mail.Receipt {
    init(_ receipt: Curl.Receipt) {
        let refused = receipt.refused.map { refusal in
            Mail.Refusal(
                recipient: refusal.recipient, reply: refusal.reply.description,
                isPermanent: refusal.reply.code >= 500)
        }
        self.init(
            reply: receipt.reply.description, refused: refused, isSandbox: false, took: receipt.metrics.total)
    }
}

extension Failure {
    /// What a mail that was not delivered means for the one who wanted it sent.
    init(_ undelivered: Curl.Undelivered) {
        let isLogin = [530, 534, 535, 538].contains(undelivered.reply?.code ?? 0)
        let kind: Kind =
            switch undelivered.certainty {
            case .permanent: isLogin ? .unauthorized : .invalid
            case .transient, .ambiguous: .unavailable
            }
        self.init(kind, undelivered.message, cause: undelivered)
    }
}
