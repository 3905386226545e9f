import Automation
import Core
import Store
import Work

/// Takes a notification to every place that it goes to beside the application, each once.
struct Notify: Job {
    static let name = "notify"
    static let area = "notifications"
    static let policy = Policy(attempts: 20, timeout: .seconds(60))

    let notification_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let count = try await context.store.notifications.fanOut(notification_id, at: context.now)
        return .result(["places": JSON(count)])
    }
}
