import Automation
import Core
import Store
import Work

/// Tells the people of an event that it starts soon, and plans the reminder after that.
///
/// Only the job that was planned last for the event does anything: whoever changes the event plans another.
struct RemindOfEvent: Job {
    static let name = "remind_of_event"
    static let area = "calendar"
    static let policy = Policy(attempts: 8, timeout: .seconds(60))

    let event_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        switch try await context.store.calendar.remind(event_id, by: context.id, at: context.now) {
        case .stale: return .result(["skipped": "Another job reminds of this event, or it is gone."])
        case .told(let count): return .result(["reminders": JSON(count)])
        }
    }
}
