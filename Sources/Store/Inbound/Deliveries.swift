import Core
import SQL

extension Store {
    /// What providers told us, sealed until a job is done with it; the store must have a scope.
    package struct Deliveries: Sendable {
        let access: Access

        /// How long a delivery is kept, and a second one known to be the same.
        package static let memory: Duration = .seconds(7 * 86_400)
        /// Deliveries that one sweep lets go of.
        private static let batch = 500

        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let connection: ID
            package let provider: String
            /// The digest of what the provider calls it.
            package let name: String
            /// The digest of what a repeat under another name cannot change.
            package let proof: String?
            /// The headers, as a JSON object.
            package let headers: JSON
            /// The key that opens the body; nil where that is in clear, or empty.
            package let key: ID?
            package let body: [UInt8]
            package let receivedAt: Moment
            /// When a job was done with it.
            package fileprivate(set) var takenAt: Moment?

            package init(
                id: ID = ID(), connection: ID, provider: String, name: String, proof: String?,
                headers: JSON, key: ID?, body: [UInt8], receivedAt: Moment = .now
            ) {
                self.id = id
                self.connection = connection
                self.provider = provider
                self.name = name
                self.proof = proof
                self.headers = headers
                self.key = key
                self.body = body
                self.receivedAt = receivedAt
            }

            init(_ row: Row) throws {
                try self.init(
                    id: row.get("id"), connection: row.get("connection_id"), provider: row.get("provider"),
                    name: row.get("external_id"), proof: row.get("proof"),
                    headers: JSONParser.parse(Array(row.get("headers", as: String.self).utf8)),
                    key: row.get("key_id"), body: row.get("body"), receivedAt: row.get("received_at"))
                takenAt = try row.get("taken_at")
            }
        }
    }

    package var deliveries: Deliveries { Deliveries(access: access) }
}

extension Store.Deliveries {
    private var workspace: ID {
        get throws {
            guard let scope = access.scope else { throw Failure(.broken, "Deliveries need a scope.") }
            return scope.workspace
        }
    }

    /// Keeps a delivery; false where it is here already, under its name or another.
    package func add(_ entry: Entry) async throws -> Bool {
        try await access.execute(
            """
            insert into deliveries (
                workspace_id, id, connection_id, provider, external_id, proof, headers, key_id, body,
                received_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing
            """,
            [
                Value(try workspace), Value(entry.id), Value(entry.connection), .text(entry.provider),
                .text(entry.name), Value(entry.proof), .text(entry.headers.text), Value(entry.key),
                .blob(entry.body), Value(entry.receivedAt),
            ]) == 1
    }

    package func find(_ id: ID) async throws -> Entry? {
        try await access.query(
            """
            select id, connection_id, provider, external_id, proof, headers, key_id, body, received_at,
                taken_at
            from deliveries where workspace_id = $1 and id = $2
            """, [Value(try workspace), Value(id)], Entry.init
        ).first
    }

    /// How many are kept.
    package func count() async throws -> Int {
        try await access.query(
            "select count(*) as n from deliveries where workspace_id = $1", [Value(try workspace)]
        ) { try $0.get("n", as: Int.self) }.first ?? 0
    }

    /// Claims a delivery for the transaction that does what it asks for; false where that was done already.
    package func take(_ id: ID, outcome: String, at now: Moment = .now) async throws -> Bool {
        try await access.execute(
            """
            update deliveries set taken_at = $3, outcome = $4
            where workspace_id = $1 and id = $2 and taken_at is null
            """, [Value(try workspace), Value(id), Value(now), .text(String(outcome.prefix(500)))]) == 1
    }

    /// Lets go of what a delivery said, once a job was done with it: only that it came is still known.
    package func empty(_ id: ID) async throws {
        try await access.execute(
            """
            update deliveries set key_id = null, body = $3
            where workspace_id = $1 and id = $2 and taken_at is not null
            """, [Value(try workspace), Value(id), .blob([])])
    }

    /// Lets go of what is too old to come again, some at a time.
    package func prune(at now: Moment = .now) async throws {
        let edge = now - Self.memory
        let ids = try await access.query(
            """
            select id from deliveries where workspace_id = $1 and received_at < $2
            order by received_at limit \(Self.batch)
            """, [Value(try workspace), Value(edge)]
        ) { try $0.get("id", as: ID.self) }
        for list in IDList.cut(ids, after: 1) {
            try await access.execute(
                "delete from deliveries where workspace_id = $1 and id in \(list.sql)",
                [Value(try workspace)] + list.values)
        }
    }
}
