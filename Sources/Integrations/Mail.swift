import Core
import Crypto
import Curl
import Logging

/// E-mail: through the operator's server, or into the sandbox while there is none.
package struct Mail: Sendable {
    package struct Settings: Sendable {
        /// The server to hand mail to; nil without one.
        package var server: Server?
        /// The address mail comes from.
        package var sender: Address
        /// True when mail without a server is kept in the sandbox instead of failing.
        package var isSandboxed: Bool

        package init(server: Server? = nil, sender: Address, isSandboxed: Bool = true) {
            self.server = server
            self.sender = sender
            self.isSandboxed = isSandboxed
        }
    }

    /// What became of a mail that did not surely fail.
    package enum Sending: Sendable {
        /// The server, or the sandbox, has taken it.
        case sent(Receipt)
        /// It may have been taken: the connection was lost before the last answer. Sending it again may
        /// deliver it twice; a person or the server's log must decide.
        case unknown(Failure)
    }

    private let settings: Settings
    private let curl: Curl
    private let outbox: any SandboxOutbox
    private let log: Logger

    init(_ settings: Settings, curl: Curl, outbox: any SandboxOutbox, log: Logger) {
        self.settings = settings
        self.curl = curl
        self.outbox = outbox
        self.log = log
    }

    /// True when what has no provider is kept in the sandbox instead of failing.
    package var isSandboxed: Bool { settings.isSandboxed }

    /// Sends `message`. Throws a `Failure` only when it was surely not sent, worth retrying or not as
    /// `isWorthRetrying` says, and `CancellationError` when the task was cancelled before it was.
    package func send(_ message: Message) async throws -> Sending {
        let mail = try wire(message)
        if let server = settings.server { return try await send(mail, through: server) }
        guard settings.isSandboxed else {
            throw Failure(
                .invalid,
                "No mail server is set: set ATOM_SMTP_URL, or ATOM_SANDBOX=1 to keep mail in the sandbox.")
        }
        try await outbox.keep(Letter(mail, content: try rendered(mail)))
        return .sent(Receipt(reply: "kept in the sandbox", refused: [], isSandbox: true, took: .zero))
    }

    /// The SHA-256 of all that `message` says and whom it goes to, in hex: the same for a repeat of it only.
    package func digest(of message: Message) throws -> String {
        let mail = try wire(message)
        var hash = SHA256()
        for recipient in mail.recipients { hash.update(data: Array("\(recipient)\n".utf8)) }
        hash.update(data: try rendered(mail))
        return Hex.text(hash.finalize())
    }

    private func send(_ mail: Curl.Mail, through server: Server) async throws -> Sending {
        do {
            let receipt = try await curl.deliver(mail, through: server.relay, while: Mandate.holds)
            for refusal in receipt.refused {
                log.warning("A recipient was refused", metadata: ["reply": "\(refusal.reply)"])
            }
            return .sent(Receipt(receipt))
        } catch let undelivered as Curl.Undelivered {
            let failure = Failure(undelivered)
            guard undelivered.certainty == .ambiguous else { throw failure }
            return .unknown(failure)
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    private func rendered(_ mail: Curl.Mail) throws -> [UInt8] {
        do { return try mail.rendered() } catch let fault as Curl.Fault { throw Failure(fault) }
    }

    private func wire(_ message: Message) throws -> Curl.Mail {
        do { return try message.wire(from: settings.sender) } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }
}
