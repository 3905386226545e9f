import Core
import SQL
import Workspace

// What is known of an account's tickets outlives the connection to it.
extension Store.Zendesk {
    /// A connection was made, changed or deleted: what it knows belongs to the account that it leads to.
    func hear(ofConnection change: Shelf.Change) async throws {
        guard (change.after ?? change.before)?["provider"] == "zendesk", let id = change.id else { return }
        let (before, after) = (Self.account(of: change.before), Self.account(of: change.after))
        guard before != after else { return }
        if let before { try await park(id, before) }
        if let after { try await inherit(id, after) }
    }

    private static func account(of connection: Item?) -> String? {
        connection?["settings"]["subdomain"]?.string?.lowercased()
    }

    /// Keeps what a connection knows for the next one to the same account.
    private func park(_ connection: ID, _ account: String) async throws {
        try await access.execute(
            """
            update zendesk_tickets set account = $3, connection_id = $4
            where workspace_id = $1 and connection_id = $2 and account is null
            """, [Value(try workspace()), Value(connection), .text(account), Value(ID())])
    }

    /// Takes over what the last connection to an account knew.
    private func inherit(_ connection: ID, _ account: String) async throws {
        try await access.execute(
            """
            update zendesk_tickets set account = null, connection_id = $2
            where workspace_id = $1 and account = $3 and connection_id =
                (select connection_id from zendesk_tickets where workspace_id = $1 and account = $3
                order by id desc limit 1)
            """, [Value(try workspace()), Value(connection), .text(account)])
    }
}
