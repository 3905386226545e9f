import Automation
import Core
import Store
import Work

/// Makes a ticket at Zendesk, once.
struct CreateTicket: Job {
    static let name = "create_ticket"
    static let area = "integrations"
    static let policy = Policy(
        attempts: 12, timeout: .seconds(120),
        backoff: .exponential(first: .seconds(5), most: .seconds(1_800)), rules: [.limited: .always])

    let connection_id: ID
    /// As Zendesk takes it: `subject`, `comment`, and whatever else is known.
    let ticket: JSON

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let order = try await context.ticketOrder(connection_id)
        return .result(try await order.create(ticket.members ?? []))
    }
}

extension Context<Tools> {
    /// Writes at Zendesk through one connection.
    func ticketOrder(_ connection: ID) async throws -> TicketOrder {
        TicketOrder(
            try await tools.connections.open(connection, in: try owner), tools, try store, job: id,
            attempt: delivery)
    }
}
