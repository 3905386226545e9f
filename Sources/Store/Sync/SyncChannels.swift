import Core
import SQL

extension Store {
    /// Where providers tell us at once that a stream has changed; the store must have a scope.
    package struct SyncChannels: Sendable {
        let store: Store

        /// One stream that is told about.
        package struct Entry: Sendable, Hashable {
            package let stream: String
            /// What we call the channel.
            package let channel: String
            /// What the provider calls what it tells about.
            package let resource: String
            package let expiresAt: Moment

            package init(_ stream: String, channel: String, resource: String, expiresAt: Moment) {
                (self.stream, self.channel) = (stream, channel)
                (self.resource, self.expiresAt) = (resource, expiresAt)
            }

            init(_ row: Row) throws {
                self.init(
                    try row.get("stream"), channel: try row.get("channel_id"),
                    resource: try row.get("resource_id"), expiresAt: try row.get("expires_at"))
            }
        }
    }

    package var syncChannels: SyncChannels { SyncChannels(store: self) }
}

extension Store.SyncChannels {
    private var access: Access { store.access }

    private func workspace() throws -> ID { try store.rows(.connections).scope.workspace }

    package func list(_ connection: ID) async throws -> [Entry] {
        try await access.query(
            """
            select stream, channel_id, resource_id, expires_at from sync_channels
            where workspace_id = $1 and connection_id = $2 order by stream
            """, [Value(try workspace()), Value(connection)], Entry.init)
    }

    /// Keeps the channel of a stream, in the place of the one before.
    package func save(_ entry: Entry, of connection: ID) async throws {
        try await access.execute(
            """
            insert into sync_channels
                (workspace_id, connection_id, stream, channel_id, resource_id, expires_at, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (workspace_id, connection_id, stream) do update set
                channel_id = excluded.channel_id, resource_id = excluded.resource_id,
                expires_at = excluded.expires_at, created_at = excluded.created_at
            """,
            [
                Value(try workspace()), Value(connection), .text(entry.stream), .text(entry.channel),
                .text(entry.resource), Value(entry.expiresAt), Value(Moment.now),
            ])
    }

    package func delete(_ entry: Entry, of connection: ID) async throws {
        try await access.execute(
            """
            delete from sync_channels where workspace_id = $1 and connection_id = $2 and channel_id = $3
            """, [Value(try workspace()), Value(connection), .text(entry.channel)])
    }
}
