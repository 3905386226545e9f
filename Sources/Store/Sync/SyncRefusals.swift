import Core
import SQL

extension Store {
    /// What providers hold and could not be taken; the store must have a scope.
    package struct SyncRefusals: Sendable {
        let store: Store

        /// One thing there.
        package struct Name: Sendable, Hashable {
            /// What it is there, such as `issue`.
            package let kind: String
            package let id: String

            package init(_ kind: String, _ id: String) { (self.kind, self.id) = (kind, id) }
        }

        /// One thing that was refused, and why.
        package struct Entry: Sendable, Hashable {
            package let name: Name
            package let stream: String
            package let reason: String
            package let at: Moment

            package init(_ name: Name, stream: String, reason: String, at: Moment) {
                (self.name, self.stream, self.reason, self.at) = (name, stream, reason, at)
            }

            init(_ row: Row) throws {
                self.init(
                    Name(try row.get("kind"), try row.get("remote_id")), stream: try row.get("stream"),
                    reason: try row.get("reason"), at: try row.get("refused_at"))
            }
        }

        /// The newest that are kept of a connection.
        package static let most = 100
    }

    package var syncRefusals: SyncRefusals { SyncRefusals(store: self) }
}

extension Store.SyncRefusals {
    private var access: Access { store.access }

    private func workspace() throws -> ID { try store.rows(.connections).scope.workspace }

    /// The newest first.
    package func list(_ connection: ID) async throws -> [Entry] {
        try await access.query(
            """
            select kind, remote_id, stream, reason, refused_at from sync_refusals
            where workspace_id = $1 and connection_id = $2 order by refused_at desc, kind, remote_id
            """, [Value(try workspace()), Value(connection)], Entry.init)
    }

    /// Keeps what was refused, and lets go of what was taken.
    package func note(_ refused: [Entry], taken: Set<Name>, of connection: ID) async throws {
        let known = try await list(connection)
        let fresh = Set(refused.map(\.name))
        for name in known.map(\.name) where taken.contains(name) && !fresh.contains(name) {
            try await delete(name, of: connection)
        }
        guard !refused.isEmpty else { return }
        for entry in refused.suffix(Self.most) { try await save(entry, of: connection) }
        for entry in try await list(connection).dropFirst(Self.most) {
            try await delete(entry.name, of: connection)
        }
    }

    /// Lets go of what a reading of all of a stream, which began at `moment`, has not shown.
    package func forget(_ connection: ID, _ stream: String, before moment: Moment) async throws {
        try await access.execute(
            """
            delete from sync_refusals
            where workspace_id = $1 and connection_id = $2 and stream = $3 and refused_at < $4
            """, [Value(try workspace()), Value(connection), .text(stream), Value(moment)])
    }

    private func save(_ entry: Entry, of connection: ID) async throws {
        try await access.execute(
            """
            insert into sync_refusals
                (workspace_id, connection_id, kind, remote_id, stream, reason, refused_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (workspace_id, connection_id, kind, remote_id) do update set
                stream = excluded.stream, reason = excluded.reason, refused_at = excluded.refused_at
            """,
            [
                Value(try workspace()), Value(connection), .text(entry.name.kind), .text(entry.name.id),
                .text(entry.stream), .text(entry.reason), Value(entry.at),
            ])
    }

    private func delete(_ name: Name, of connection: ID) async throws {
        try await access.execute(
            """
            delete from sync_refusals
            where workspace_id = $1 and connection_id = $2 and kind = $3 and remote_id = $4
            """, [Value(try workspace()), Value(connection), .text(name.kind), .text(name.id)])
    }
}
