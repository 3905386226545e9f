import Core
import SQL

// What connections get in with.
extension Store.Connections {
    /// Secrets that one statement brings.
    package static let page = 500

    package func sealed(_ id: ID) async throws -> Sealed? {
        try await access.query(
            """
            select connection_id, key_id, sealed, expires_at, turn from connection_secrets
            where workspace_id = $1 and connection_id = $2
            """, [Value(try workspace), Value(id)], Sealed.init(row:)
        ).first
    }

    /// Keeps the secrets of a connection, if those with the number `turn` are still there (0 for none). False
    /// when another was faster.
    package func keep(_ sealed: Sealed, of id: ID) async throws -> Bool {
        try await access.execute(
            """
            insert into connection_secrets (workspace_id, connection_id, key_id, sealed, expires_at, turn)
            values ($1, $2, $3, $4, $5, $6 + 1)
            on conflict (workspace_id, connection_id) do update set key_id = excluded.key_id,
                sealed = excluded.sealed, expires_at = excluded.expires_at, turn = excluded.turn,
                renewing_until = null
            where connection_secrets.turn = $6
            """,
            [
                Value(try workspace), Value(id), Value(sealed.key), .text(sealed.text),
                Value(sealed.expiresAt), Value(sealed.turn),
            ]) == 1
    }

    /// Takes the right to renew the secrets of `turn` for a while. False while another process has it.
    package func claim(_ id: ID, turn: Int, until end: Moment, at now: Moment = .now) async throws -> Bool {
        try await access.execute(
            """
            update connection_secrets set renewing_until = $4
            where workspace_id = $1 and connection_id = $2 and turn = $3
                and (renewing_until is null or renewing_until <= $5)
            """, [Value(try workspace), Value(id), Value(turn), Value(end), Value(now)]) == 1
    }

    /// Gives that right back.
    package func release(_ id: ID, turn: Int, until end: Moment) async throws {
        try await access.execute(
            """
            update connection_secrets set renewing_until = null
            where workspace_id = $1 and connection_id = $2 and turn = $3 and renewing_until = $4
            """, [Value(try workspace), Value(id), Value(turn), Value(end)])
    }

    /// Secrets that another key than `key` has sealed, by the connections they are of.
    package func list(sealedWithout key: ID, after last: ID?) async throws -> [(id: ID, sealed: Sealed)] {
        try await access.query(
            """
            select connection_id, key_id, sealed, expires_at, turn from connection_secrets
            where workspace_id = $1 and key_id <> $2 and connection_id > $3
            order by connection_id limit \(Self.page)
            """, [Value(try workspace), Value(key), .text(last?.text ?? "")]
        ) { (try $0.get("connection_id"), try Sealed(row: $0)) }
    }

    /// Puts the same secrets, sealed anew, in the place of `old`. False when they were changed meanwhile.
    package func reseal(_ old: Sealed, of id: ID, key: ID, as text: String) async throws -> Bool {
        try await access.execute(
            """
            update connection_secrets set key_id = $3, sealed = $4
            where workspace_id = $1 and connection_id = $2 and sealed = $5
            """, [Value(try workspace), Value(id), Value(key), .text(text), .text(old.text)]) == 1
    }
}

extension Store.Connections.Sealed {
    init(row: Row) throws {
        self.init(
            key: try row.get("key_id"), text: try row.get("sealed"), expiresAt: try row.get("expires_at"),
            turn: try row.get("turn"))
    }
}
