import Automation
import Core
import Store
import Work

/// Sends what a bot says in a chat, once, with its buttons.
struct AnswerChat: Job {
    static let name = "answer_chat"
    static let area = "communications"
    static let policy = Policy(
        attempts: 8, timeout: .seconds(60), backoff: .exponential(first: .seconds(2), most: .seconds(600)))

    let message_id: ID
    let buttons: [ChatButton]

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let store = try context.store
        guard let message = try await store.messages.take(message_id, by: context.id) else {
            return .result(["skipped": "The message is not waiting for this job."])
        }
        let answer = ChatAnswer(message, buttons, in: try context.owner)
        switch try await answer.send(job: context.id, attempt: context.delivery, context.tools) {
        case .receipt(let receipt):
            try await store.messages.sent(message_id, receipt: receipt, externalID: receipt["id"]?.string)
            return .result(receipt)
        case .unknown:
            return .giveUp("unknown: the answer may have been sent, and its receipt was lost.")
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        guard let job else { return }
        let reason = try await context.lastWord(after: failure)
        try await context.store.messages.failed(job.message_id, by: context.id, reason)
    }
}
