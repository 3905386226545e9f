import Automation
import Core
import Store
import Work

/// Syncs one ticket of Zendesk with its task, both ways.
struct SyncTicket: Job {
    static let name = "sync_ticket"
    static let area = "integrations"
    static let policy = Policy(
        attempts: 12, timeout: .seconds(180),
        backoff: .exponential(first: .seconds(2), most: .seconds(1_800)), rules: [.limited: .always])

    let connection_id: ID
    let pair_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let connection = try await context.tools.connections.open(connection_id, in: try context.owner)
        let sync = TicketSync(
            connection, context.tools, try context.store, job: context.id, attempt: context.delivery)
        switch try await sync.run(pair_id) {
        case .same(let message): return .result(["message": .string(message)])
        case .again(let pause): return .again(after: pause)
        }
    }
}
