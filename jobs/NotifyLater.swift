import Automation
import Core
import Store
import Work

/// Tells a place, in one message, what has waited for it: for the end of quiet hours, or of a storm.
struct NotifyLater: Job {
    static let name = "notify_later"
    static let area = "notifications"
    static let policy = Policy(attempts: 20, timeout: .seconds(60))

    /// The id of a channel, or a word for one and the id of a user.
    let target: String

    func run(_ context: Context<Tools>) async throws -> Outcome {
        try await context.store.notifications.flush(target, at: context.now)
        return .done
    }
}
