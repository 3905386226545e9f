/// Follows the dialogue with a mail server, to know which answer belongs to which step.
struct Dialogue: Sendable {
    enum Step: Sendable, Equatable {
        case greeting
        case hello
        case security
        case login
        case sender
        /// The recipient with this number.
        case recipient(Int)
        case data
        /// The mail itself is on its way.
        case message
    }

    private let recipients: [String]
    private(set) var step = Step.greeting
    /// The answer to the present step, nil while it is awaited. A QUIT that follows a refusal is no step,
    /// and its answer comes to nobody.
    private(set) var reply: Curl.Reply?
    private(set) var refused: [Curl.Refusal] = []
    private var hasQuit = false
    /// The answer to the whole mail.
    private(set) var verdict: Curl.Reply?

    init(recipients: [String]) { self.recipients = recipients }

    /// A command went out.
    mutating func note(command: String) {
        if isQuit(command) { hasQuit = true }
        guard let next = next(command) else { return }
        hasQuit = false
        step = next
        reply = nil
    }

    /// The lines of a login are base64, which may spell any word, until the server has refused it.
    private func isQuit(_ command: String) -> Bool {
        let isRefused = (reply?.code ?? 0) >= 400
        return command.hasPrefix("QUIT") && (step != .login || isRefused)
    }

    private func next(_ command: String) -> Step? {
        let verb = command.prefix { $0 != " " && $0 != "\r\n" }
        switch verb {
        case "EHLO", "HELO": return .hello
        case "AUTH": return .login
        case "MAIL": return .sender
        case "RCPT":
            if case .recipient(let number) = step { return .recipient(number + 1) }
            return .recipient(0)
        case _ where step == .login: return nil
        case "STARTTLS": return .security
        case "DATA": return .data
        default: return nil
        }
    }

    /// A line came in; the last one of an answer counts.
    mutating func hear(line: String) {
        let bytes = Array(line.utf8)
        guard bytes.count >= 3, let code = Int(line.prefix(3)), (200..<600).contains(code),
            bytes.count == 3 || bytes[3] != UInt8(ascii: "-")
        else { return }
        let text = line.dropFirst(4).filter { !$0.isNewline }
        take(Curl.Reply(code: code, text: String(text.prefix(Self.longestText))))
    }

    /// What a server says is kept for people to read, not in any length.
    private static let longestText = 500

    private mutating func take(_ answer: Curl.Reply) {
        guard !hasQuit else { return }
        reply = answer
        switch step {
        case .recipient(let number) where answer.code >= 300 && number < recipients.count:
            refused.append(Curl.Refusal(recipient: recipients[number], reply: answer))
        case .data where answer.code == 354:
            step = .message
            reply = nil
        case .message: verdict = verdict ?? answer
        default: break
        }
    }
}
