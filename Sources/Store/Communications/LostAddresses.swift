import Core
import SQL
import Workspace

// Whether somebody can be written to.
extension Store.Messages {
    private var access: Access { store.access }
    private var workspace: Value { get throws { Value(try store.rows(.messages).scope.workspace) } }

    /// The channel says that this address is not reached any more.
    package func lose(_ address: String, on channel: Channel, _ reason: String) async throws {
        try await access.execute(
            """
            insert into lost_addresses (workspace_id, channel, address, reason, created_at)
            values ($1, $2, $3, $4, $5)
            on conflict (workspace_id, channel, address) do update set reason = excluded.reason
            """,
            [
                try workspace, Value(channel), .text(channel.canonical(address)),
                .text(String(reason.prefix(500))), Value(Moment.now),
            ])
    }

    /// Somebody wrote from this address: it is there again.
    package func regain(_ address: String, on channel: Channel) async throws {
        try await access.execute(
            "delete from lost_addresses where workspace_id = $1 and channel = $2 and address = $3",
            [try workspace, Value(channel), .text(channel.canonical(address))])
    }

    /// Why an address is not reached; nil where nothing speaks against it.
    package func loss(of address: String, on channel: Channel) async throws -> String? {
        try await access.query(
            "select reason from lost_addresses where workspace_id = $1 and channel = $2 and address = $3",
            [try workspace, Value(channel), .text(channel.canonical(address))]
        ) { try $0.get("reason", as: String.self) }.first
    }

    /// A chat has become another one: the contacts that have it are told.
    package func rename(_ address: String, to next: String, on channel: Channel) async throws {
        guard channel == .telegram else { return }
        let ids = try await access.query(
            """
            select contact_id from contact_addresses
            where workspace_id = $1 and kind = 'telegram' and address = $2
            """, [try workspace, .text(channel.canonical(address))]
        ) { try $0.get("contact_id", as: ID.self) }
        for id in ids { try await store.rows(.contacts).update(id, Values(["telegram": .string(next)])) }
    }

    /// When somebody last wrote to us on a channel; nil where they never did.
    ///
    /// - Parameter sender: our own address that they wrote to, where the channel has more than one.
    package func lastWord(
        from address: String, on channel: Channel, to sender: String? = nil
    ) async throws -> Moment? {
        let rows = try await access.query(
            """
            select occurred_at, "to" from messages where workspace_id = $1 and channel = $2
            and from_address = $3 and direction = 'in' order by occurred_at desc limit 50
            """, [try workspace, Value(channel), .text(address)]
        ) { (try $0.get("occurred_at", as: Moment.self), try $0.get("to", as: String.self)) }
        return rows.first { row in
            guard let sender else { return true }
            // What does not say whom it went to counts for all senders.
            return row.1 == "[]" || row.1.contains("\"\(sender)\"")
        }?.0
    }
}
