import Automation
import Core
import Store
import Work

/// Tells the next person of what nobody has acknowledged, and plans the step after that.
///
/// Only the job that was planned last does anything; once somebody acknowledges it, none does.
struct EscalateNotification: Job {
    static let name = "escalate_notification"
    static let area = "notifications"
    static let policy = Policy(attempts: 20, timeout: .seconds(60))

    let group_id: ID
    let escalation_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let notifications = try context.store.notifications
        switch try await notifications.escalate(group_id, by: escalation_id, job: context.id, at: context.now)
        {
        case .stale: return .result(["skipped": "It was acknowledged, or another job escalates it."])
        case .told(let count): return .result(["told": JSON(count)])
        }
    }
}
