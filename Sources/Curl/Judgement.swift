/// Says what became of a mail: taken, surely not taken, or nobody knows.
struct Judgement {
    private let dialogue: Dialogue
    private let ending: Ending
    private let isGiven: Bool
    private let recipients: Int

    /// `isGiven`: libcurl was given the last byte of the mail. The end mark follows it without a word to
    /// us, so from then on the server may hold the whole mail, though most of it may still be in a buffer.
    init(_ dialogue: Dialogue, _ ending: Ending, isGiven: Bool, recipients: Int) {
        self.dialogue = dialogue
        self.ending = ending
        self.isGiven = isGiven
        self.recipients = recipients
    }

    func receipt() throws -> Curl.Receipt {
        if let verdict = dialogue.verdict { return try receipt(verdict) }
        if isGiven {
            throw undelivered(.ambiguous, "The mail was sent, but the server's answer is missing. \(reason)")
        }
        if let error = ending.error as? CancellationError { throw error }
        if let reply = refusal {
            throw undelivered(reply.isPermanent ? .permanent : .transient, said(reply), reply)
        }
        throw undelivered(isHopeless ? .permanent : .transient, reason)
    }

    private func receipt(_ verdict: Curl.Reply) throws -> Curl.Receipt {
        switch verdict.code {
        case 200..<300:
            return Curl.Receipt(reply: verdict, refused: dialogue.refused, metrics: ending.metrics)
        case 400..<500: throw undelivered(.transient, said(verdict), verdict)
        case 500..<600: throw undelivered(.permanent, said(verdict), verdict)
        default: throw undelivered(.ambiguous, said(verdict), verdict)
        }
    }

    /// The answer that ended it. When every recipient was refused, one that may be taken later decides.
    private var refusal: Curl.Reply? {
        if dialogue.refused.count == recipients {
            let replies = dialogue.refused.map(\.reply)
            return replies.first { !$0.isPermanent } ?? replies.first
        }
        return dialogue.reply.flatMap { $0.code >= 400 ? $0 : nil }
    }

    private var isHopeless: Bool {
        guard let fault = ending.error as? Curl.Fault else { return false }
        return fault.kind == .invalid || fault.kind == .forbiddenAddress
    }

    private var reason: String {
        if let fault = ending.error as? Curl.Fault { return fault.message }
        return ending.error is CancellationError ? "The task was cancelled." : "The dialogue broke off."
    }

    private func said(_ reply: Curl.Reply) -> String { "The mail server answered \(reply)." }

    private func undelivered(
        _ certainty: Curl.Undelivered.Certainty, _ message: String, _ reply: Curl.Reply? = nil
    ) -> Curl.Undelivered {
        Curl.Undelivered(
            certainty: certainty, message: message, reply: reply, refused: dialogue.refused,
            metrics: ending.metrics)
    }
}
