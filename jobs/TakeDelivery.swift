import Automation
import Core
import Store
import Work

/// Does what a call of a provider asks for: keeps its messages, notes how far ours are, answers commands.
struct TakeDelivery: Job {
    static let name = DeliveryOrder.taking
    static let area = "integrations"
    static let policy = Policy(
        attempts: 10, timeout: .seconds(60),
        backoff: .exponential(first: .seconds(1), most: .seconds(600)))

    let delivery_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let store = try context.store
        guard let delivery = try await store.deliveries.find(delivery_id) else {
            return .result(["skipped": "The delivery is not kept any more."])
        }
        let rest = try await Inbox(delivery, in: try context.owner, context.tools).take()
        // The outbox has them; at once they need not wait for its sweep.
        for job in rest.jobs where job.unique == nil { try await context.enqueue(job) }
        try await store.deliveries.prune()
        return .result(["outcome": .string(rest.outcome)])
    }
}
