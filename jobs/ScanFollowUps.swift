import Automation
import Core
import Store
import Work

/// Makes the follow-ups that a rule asks for, and plans the rule's next look.
///
/// Only the job that the rule names does anything, so that however many workers look, each finding is made
/// once.
struct ScanFollowUps: Job {
    static let name = "scan_follow_ups"
    static let area = "follow-ups"
    static let policy = Policy(
        attempts: 100, timeout: .seconds(120),
        backoff: .exponential(first: .seconds(2), most: .seconds(300)))

    let rule_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        switch try await context.store.followUps.scan(rule_id, by: context.id, at: context.now) {
        case .stale: .result(["skipped": "Another job looks for this rule, or it is off."])
        case .made(let count): .result(["made": JSON(count)])
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        guard let job else { return }
        try await context.store.followUps.goOn(job.rule_id, by: context.id)
    }
}
