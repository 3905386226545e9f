import Core
import SQL

extension Store {
    /// A connection whose provider's rows are to be brought here again.
    package struct DueConnection: Sendable, Hashable {
        package let workspace: ID
        package let id: ID
        package let provider: String
    }

    /// Connections of all workspaces that work and that nobody has read since `moment`, the one read longest
    /// ago first.
    package func connectionsDue(
        of providers: [String], since moment: Moment, limit: Int
    ) async throws -> [DueConnection] {
        let places = providers.indices.map { "$\($0 + 3)" }.joined(separator: ", ")
        return try await access.query(
            """
            select workspace_id, id, provider from connections
            where status = 'active' and provider in (\(places))
                and coalesce(last_sync_at, 0) < $1 and coalesce(checked_at, 0) < $1
            order by coalesce(last_sync_at, 0), id limit $2
            """, [Value(moment), Value(limit)] + providers.map { .text($0) }
        ) { row in
            DueConnection(
                workspace: try row.get("workspace_id"), id: try row.get("id"),
                provider: try row.get("provider"))
        }
    }
}
