import Automation
import Core
import Integrations
import Work

/// Sends one e-mail, once: the effects ledger remembers it, and a mail that may have gone out is never sent
/// blindly again.
struct SendEmail: Job {
    static let name = "send_email"
    static let area = "communications"
    static let policy = Policy(
        attempts: 12, timeout: .seconds(300),
        backoff: .exponential(first: .seconds(30), most: .seconds(14_400)))

    /// Addresses, such as `ada@example.org`.
    let to: [String]
    let cc: [String]?
    let reply_to: String?
    let subject: String
    let text: String
    let html: String?
    /// What `{secret}` stands for in the text; then there is neither cc nor html.
    let sealed: SealedWord?

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let mail = context.tools.integrations.mail
        let message = try await message(context)
        let effect = Effect(
            workspace: try context.owner, key: "\(Self.name):\(context.id)", provider: "smtp",
            requestHash: try mail.digest(of: message), job: context.id, attempt: context.delivery)
        let result = try await context.tools.ledger.once(effect) {
            do {
                switch try await mail.send(message) {
                case .sent(let receipt): return .made(receipt: receipt.json)
                case .unknown(let failure): return .unclear(failure)
                }
            } catch let failure as Failure {
                return .failed(failure)
            } catch {
                // A cancelled attempt says so only when nothing was sent.
                return .failed(
                    Failure(.unavailable, "The attempt was stopped before the mail was sent.", cause: error))
            }
        }
        switch result {
        case .receipt(let receipt): return .result(receipt)
        case .unknown:
            return .giveUp(Advice.lastWord(effect.key))
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        _ = try await context.lastWord(after: failure)
    }

    /// The same bytes on every attempt: the date is the job's, the identity its id.
    private func message(_ context: Context<Tools>) async throws -> Mail.Message {
        var message = Mail.Message(
            id: context.id.text, to: to.map { Mail.Address($0) }, subject: subject,
            text: try await opened(context), html: html, date: context.created)
        message.cc = (cc ?? []).map { Mail.Address($0) }
        message.replyTo = reply_to.map { Mail.Address($0) }
        return message
    }

    private func opened(_ context: Context<Tools>) async throws -> String {
        guard let sealed else { return text }
        guard cc?.isEmpty ?? true, html == nil else {
            throw Failure(
                .invalid, "A mail with a sealed word has neither cc nor html.", at: "/arguments/sealed")
        }
        let word = try await sealed.opened(to: to, with: context.tools.vault, in: try context.owner)
        return text.replacing("{secret}", with: word)
    }
}

extension Mail.Receipt {
    fileprivate var json: JSON {
        [
            "provider": .string(isSandbox ? "sandbox" : "smtp"), "sandbox": .bool(isSandbox),
            "reply": .string(reply),
            "refused": .array(
                refused.map { ["recipient": .string($0.recipient), "reply": .string($0.reply)] }),
        ]
    }
}
