import Core
import SQL

/// One look at a ledger entry within the transaction that begins it.
struct EffectStep {
    let access: Access
    let workspace: ID
    let key: String
    let now: Moment

    /// True when there was no entry and now there is the intent.
    func insert(_ intent: Store.Effects.Intent) async throws -> Bool {
        try await access.execute(
            """
            insert into effects (workspace_id, key, provider, request_hash, state, job_id, attempt,
            begun_at, created_at, updated_at) values ($1, $2, $3, $4, 'intent', $5, $6, $7, $7, $7)
            on conflict (workspace_id, key) do nothing
            """,
            [
                Value(workspace), .text(key), .text(intent.provider), .text(intent.requestHash),
                Value(intent.job), Value(intent.attempt), Value(now),
            ]) == 1
    }

    /// Moves the entry that is there, or nil when another moved it first.
    func proceed(_ intent: Store.Effects.Intent) async throws -> Store.Effects.Beginning? {
        let effects = Store.Effects(access: access)
        guard let entry = try await effects.find(workspace, key: key) else { return nil }
        guard entry.requestHash == intent.requestHash else { return .conflict(hash: entry.requestHash) }
        let unknown = Store.Effects.Beginning.unknown(
            since: entry.begunAt, job: entry.job, attempt: entry.attempt)
        switch entry.state {
        case .receipt: return .receipt(entry.detail ?? "")
        case .unknown: return unknown
        case .intent: return try await effects.doubt(entry, at: now) ? unknown : nil
        case .failed: return try await restart(intent) ? .fresh : nil
        }
    }

    private func restart(_ intent: Store.Effects.Intent) async throws -> Bool {
        try await access.execute(
            """
            update effects set state = 'intent', detail = null, job_id = $3, attempt = $4,
            begun_at = $5, updated_at = $5
            where workspace_id = $1 and key = $2 and state = 'failed'
            """,
            [Value(workspace), .text(key), Value(intent.job), Value(intent.attempt), Value(now)]) == 1
    }
}
