import Core
import SQL
import Workspace

extension Store {
    /// Which row here is which thing at a provider; the store must have a scope.
    package struct ExternalLinks: Sendable {
        let store: Store

        /// One thing there and its row here.
        package struct Entry: Sendable, Hashable {
            package let connection: ID
            /// What it is there, such as `issue`.
            package let kind: String
            package let remoteID: String
            package let stream: String
            /// The noun's name here.
            package let noun: String
            package let row: ID
            /// What the provider calls the state we know, such as an ETag.
            package var remoteVersion: String
            /// When it was changed there; older news is no news.
            package var remoteAt: Moment
            /// The row's version after we wrote it last.
            package var localVersion: Int
            /// What the provider said last, by field of the row.
            package var base: JSON
            /// The reading that saw it last.
            package var round: Int

            package init(
                _ connection: ID, _ kind: String, _ remoteID: String, stream: String, noun: String, row: ID
            ) {
                (self.connection, self.kind, self.remoteID) = (connection, kind, remoteID)
                (self.stream, self.noun, self.row) = (stream, noun, row)
                (remoteVersion, remoteAt, localVersion) = ("", Moment(microseconds: 0), 0)
                (base, round) = ([:], 0)
            }

            init(_ row: Row) throws {
                self.init(
                    try row.get("connection_id"), try row.get("kind"), try row.get("remote_id"),
                    stream: try row.get("stream"), noun: try row.get("noun"), row: try row.get("row_id"))
                remoteVersion = try row.get("remote_version")
                remoteAt = try row.get("remote_at")
                localVersion = try row.get("local_version")
                base = try JSONParser.parse(Array(row.get("base", as: String.self).utf8))
                round = try row.get("round")
            }
        }

        /// The links that one call hands over at most.
        package static let most = 200
    }

    package var externalLinks: ExternalLinks { ExternalLinks(store: self) }
}

extension Store.ExternalLinks {
    private static let columns = """
        connection_id, kind, remote_id, stream, noun, row_id, remote_version, remote_at, local_version, base,
        round
        """

    private var access: Access { store.access }

    private func workspace() throws -> ID { try store.rows(.connections).scope.workspace }

    package func find(_ connection: ID, _ kind: String, _ remoteID: String) async throws -> Entry? {
        try await access.query(
            """
            select \(Self.columns) from external_links
            where workspace_id = $1 and connection_id = $2 and kind = $3 and remote_id = $4
            """, [Value(try workspace()), Value(connection), .text(kind), .text(remoteID)], Entry.init
        ).first
    }

    /// What a row is at providers.
    package func list(_ noun: Noun, _ row: ID) async throws -> [Entry] {
        try await access.query(
            """
            select \(Self.columns) from external_links where workspace_id = $1 and noun = $2 and row_id = $3
            order by connection_id, kind, remote_id
            """, [Value(try workspace()), .text(noun.name), Value(row)], Entry.init)
    }

    /// The links of a kind whose remote ids begin with `place`.
    package func list(_ connection: ID, _ kind: String, under place: String) async throws -> [Entry] {
        // A range would follow the order of the database's language, which passes over slashes.
        try await access.query(
            """
            select \(Self.columns) from external_links
            where workspace_id = $1 and connection_id = $2 and kind = $3 and substr(remote_id, 1, $5) = $4
            order by remote_id
            """,
            [
                Value(try workspace()), Value(connection), .text(kind), .text(place),
                Value(place.unicodeScalars.count),
            ], Entry.init)
    }

    /// Links of a stream that no reading since `round` has seen.
    package func unseen(_ connection: ID, _ stream: String, since round: Int) async throws -> [Entry] {
        try await access.query(
            """
            select \(Self.columns) from external_links
            where workspace_id = $1 and connection_id = $2 and stream = $3 and round < $4
            order by kind, remote_id limit $5
            """,
            [Value(try workspace()), Value(connection), .text(stream), Value(round), Value(Self.most)],
            Entry.init)
    }

    package func save(_ entry: Entry) async throws {
        try await access.execute(
            """
            insert into external_links (workspace_id, \(Self.columns), updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            on conflict (workspace_id, connection_id, kind, remote_id) do update set
                stream = excluded.stream, noun = excluded.noun, row_id = excluded.row_id,
                remote_version = excluded.remote_version, remote_at = excluded.remote_at,
                local_version = excluded.local_version, base = excluded.base, round = excluded.round,
                updated_at = excluded.updated_at
            """,
            [
                Value(try workspace()), Value(entry.connection), .text(entry.kind), .text(entry.remoteID),
                .text(entry.stream), .text(entry.noun), Value(entry.row), .text(entry.remoteVersion),
                Value(entry.remoteAt), Value(entry.localVersion), .text(entry.base.text), Value(entry.round),
                Value(Moment.now),
            ])
    }

    package func delete(_ entry: Entry) async throws {
        try await access.execute(
            """
            delete from external_links
            where workspace_id = $1 and connection_id = $2 and kind = $3 and remote_id = $4
            """, [Value(try workspace()), Value(entry.connection), .text(entry.kind), .text(entry.remoteID)])
    }
}
