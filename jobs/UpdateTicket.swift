import Automation
import Core
import Store
import Work

/// Changes a ticket at Zendesk, or says something on it, once.
struct UpdateTicket: Job {
    static let name = "update_ticket"
    static let area = "integrations"
    static let policy = Policy(
        attempts: 12, timeout: .seconds(120),
        backoff: .exponential(first: .seconds(5), most: .seconds(1_800)), rules: [.limited: .always])

    let connection_id: ID
    /// Zendesk's number of it.
    let ticket_id: Int
    /// `subject`, `status`, `priority` and `tags`; what is not there stays.
    let changes: JSON?
    /// `body` and `public`.
    let comment: JSON?

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let order = try await context.ticketOrder(connection_id)
        if let comment { try await order.comment(ticket_id, comment) }
        return .result(try await order.update(ticket_id, changes?.members ?? []))
    }
}
