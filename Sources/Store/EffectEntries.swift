import Core
import SQL

extension Store.Effects {
    /// One call in the ledger, for people who decide about it.
    package struct Entry: Sendable, Hashable {
        package let workspace: ID
        package let key: String
        package let provider: String
        package let requestHash: String
        package let state: State
        /// The receipt, or why it failed.
        package let detail: String?
        package let job: ID
        package let attempt: Int
        /// When the last intent was written.
        package let begunAt: Moment
        package let createdAt: Moment
        package let updatedAt: Moment

        init(_ row: Row) throws {
            workspace = try row.get("workspace_id")
            key = try row.get("key")
            provider = try row.get("provider")
            requestHash = try row.get("request_hash")
            state = try row.word("state")
            detail = try row.get("detail")
            job = try row.get("job_id")
            attempt = try row.get("attempt")
            begunAt = try row.get("begun_at")
            createdAt = try row.get("created_at")
            updatedAt = try row.get("updated_at")
        }
    }

    static let columns = """
        workspace_id, key, provider, request_hash, state, detail, job_id, attempt, begun_at, created_at, \
        updated_at
        """

    package func find(_ workspace: ID, key: String) async throws -> Entry? {
        try await access.query(
            "select \(Self.columns) from effects where workspace_id = $1 and key = $2",
            [Value(workspace), .text(key)], Entry.init
        ).first
    }

    /// The calls in one state, longest untouched first.
    package func list(_ workspace: ID, _ state: State, limit: Int = 50) async throws -> [Entry] {
        try await access.query(
            """
            select \(Self.columns) from effects where workspace_id = $1 and state = $2
            order by updated_at, key limit $3
            """, [Value(workspace), Value(state), Value(Store.Page(limit: limit).limit)], Entry.init)
    }

    /// The key of the call that made what the provider calls by this id.
    package func key(_ workspace: ID, provider: String, externalID: String) async throws -> String? {
        try await access.query(
            """
            select key from effects where workspace_id = $1 and provider = $2 and external_id = $3
            order by key limit 1
            """, [Value(workspace), .text(provider), .text(externalID)]
        ) { try $0.get("key", as: String.self) }.first
    }
}
