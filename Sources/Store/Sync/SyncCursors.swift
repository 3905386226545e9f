import Core
import SQL

extension Store {
    /// How far the streams of connections were read; the store must have a scope.
    package struct SyncCursors: Sendable {
        let store: Store

        /// Where one stream stands.
        package struct Entry: Sendable, Hashable {
            package let connection: ID
            package let stream: String
            /// In the provider's own terms; null before the first page of a round.
            package var cursor: JSON = .null
            /// The number of the reading of all there is.
            package var round = 1
            /// When that reading began.
            package var roundAt: Moment
            /// True while what the reading did not show is taken away.
            package var sweeps = false
            /// Grows with each page; 0 where none was kept yet.
            package let turn: Int

            /// A stream of which nothing was read yet.
            package init(_ connection: ID, _ stream: String, at now: Moment = .now) {
                (self.connection, self.stream, roundAt, turn) = (connection, stream, now, 0)
            }

            init(_ row: Row) throws {
                connection = try row.get("connection_id")
                stream = try row.get("stream")
                cursor = try JSONParser.parse(Array(row.get("cursor", as: String.self).utf8))
                round = try row.get("round")
                roundAt = try row.get("round_at")
                sweeps = try row.get("sweeps")
                turn = try row.get("turn")
            }
        }
    }

    package var syncCursors: SyncCursors { SyncCursors(store: self) }
}

extension Store.SyncCursors {
    private var access: Access { store.access }

    private func workspace() throws -> ID { try store.rows(.connections).scope.workspace }

    package func list(_ connection: ID) async throws -> [Entry] {
        try await access.query(
            """
            select connection_id, stream, cursor, round, round_at, sweeps, turn from sync_cursors
            where workspace_id = $1 and connection_id = $2 order by stream
            """, [Value(try workspace()), Value(connection)], Entry.init)
    }

    package func find(_ connection: ID, _ stream: String) async throws -> Entry? {
        try await list(connection).first { $0.stream == stream }
    }

    /// Keeps where a stream stands, in the transaction of the rows of its page; `turn` is that of the entry
    /// the page was read from. Throws `unavailable` when another attempt has gone on meanwhile.
    package func save(_ entry: Entry) async throws {
        let count = try await access.execute(
            """
            insert into sync_cursors
                (workspace_id, connection_id, stream, cursor, round, round_at, sweeps, turn, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8 + 1, $9)
            on conflict (workspace_id, connection_id, stream) do update set
                cursor = excluded.cursor, round = excluded.round, round_at = excluded.round_at,
                sweeps = excluded.sweeps, turn = excluded.turn, updated_at = excluded.updated_at
            where sync_cursors.turn = $8
            """,
            [
                Value(try workspace()), Value(entry.connection), .text(entry.stream),
                .text(entry.cursor.text), Value(entry.round), Value(entry.roundAt), Value(entry.sweeps),
                Value(entry.turn), Value(Moment.now),
            ])
        guard count == 1 else {
            throw Failure(.unavailable, "Another attempt reads the same stream.", retryAfter: .seconds(5))
        }
    }
}
