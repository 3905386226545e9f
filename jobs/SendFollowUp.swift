import Automation
import Core
import Store
import Work

/// Asks what a follow-up asks, unless there is nothing to ask any more, and plans its next step.
///
/// Only the job that the follow-up names does anything; what it sends is written down in the same
/// transaction.
struct SendFollowUp: Job {
    static let name = "send_follow_up"
    static let area = "follow-ups"
    static let policy = Policy(attempts: 20, timeout: .seconds(60))

    let follow_up_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        switch try await context.store.followUps.ask(follow_up_id, by: context.id, at: context.now) {
        case .stale: .result(["skipped": "Another job does it, or the follow-up has ended."])
        case .ended(let status): .result(["status": JSON(status)])
        case .later(let time): .result(["later": JSON(time)])
        case .asked(let message): .result(["message_id": JSON(message)])
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        guard let job else { return }
        try await context.store.followUps.fail(job.follow_up_id, by: context.id, failure.message)
    }
}
