import Core
import Integrations
import Store

/// Reads what was changed at Zendesk, and has every ticket that differs from its task synced by a job of its
/// own.
struct ZendeskSync: Sync {
    /// Before Zendesk was: the first reading brings all tickets there are.
    private static let beginning = Moment(milliseconds: 1_000)

    func streams(of connection: Connection) async throws -> [String] { ["tickets"] }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let export: Zendesk.Export
        do {
            export = try await Zendesk(connection.line).export(since: Self.beginning, cursor: cursor.string)
        } catch let failure as Failure where failure.kind == .invalid && cursor != .null {
            throw SyncLost()
        }
        let plan = Store.Zendesk.Plan(connection.settings)
        return SyncPage(next: JSON(export.cursor), end: export.isEnd ? .now : .more) { desk in
            for ticket in export.tickets {
                // Of what is closed nothing can be changed any more, so it makes no task.
                try await desk.row("ticket", "\(ticket.id)") { desk in
                    try await desk.store.zendesk.notice(
                        (ticket.id, ticket.seen, ticket.updatedAt), task: ticket.madeFor, of: connection.id,
                        isWanted: plan.takes && !ticket.isGone && !ticket.isClosed)
                }
            }
            guard export.isEnd else { return }
            desk.tally.updated += try await desk.store.zendesk.enqueueDue(of: connection.id, plan)
        }
    }
}
