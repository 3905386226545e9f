import Core
import SQL

// What becomes of calls whose end nobody knows.
extension Store.Effects {
    /// Takes what the provider calls by this id for the call of unknown end. False when it stands for another
    /// call already, or when the call is no longer unknown.
    package func claim(
        _ workspace: ID, key: String, externalID: String, receipt: String
    ) async throws -> Bool {
        do {
            return try await access.execute(
                """
                update effects set state = 'receipt', detail = $3, external_id = $4, claimed_id = $4,
                updated_at = $5 where workspace_id = $1 and key = $2 and state = 'unknown'
                and not exists (select 1 from effects other where other.workspace_id = $1
                and other.provider = effects.provider and other.external_id = $4 and other.key <> $2)
                """,
                [Value(workspace), .text(key), .text(receipt), .text(externalID), Value(Moment.now)]) == 1
        } catch let failure as Failure where failure.kind == .conflict {
            // Another call took it in the same moment.
            return false
        }
    }

    /// Another call took for its own what this one made, for it was asked about before the receipt came: now
    /// nobody knows again whether that other one was made.
    func disown(_ workspace: ID, _ externalID: String, of key: String) async throws {
        try await access.execute(
            """
            update effects set state = 'unknown', detail = null, external_id = null, claimed_id = null,
            updated_at = $4 where workspace_id = $1 and claimed_id = $2 and key <> $3
            and provider = (select provider from effects mine where mine.workspace_id = $1 and mine.key = $3)
            """, [Value(workspace), .text(externalID), .text(key), Value(Moment.now)])
    }

    /// The intents that were begun before `moment`, oldest first, from the one after `last` on. Across
    /// workspaces.
    package func open(before moment: Moment, after last: Entry?, limit: Int) async throws -> [Entry] {
        try await access.query(
            """
            select \(Self.columns) from effects where state = 'intent' and begun_at < $1
            and (begun_at, workspace_id, key) > ($2, $3, $4)
            order by begun_at, workspace_id, key limit $5
            """,
            [
                Value(moment), Value(last?.begunAt ?? Moment(microseconds: 0)),
                .text(last?.workspace.text ?? ""), .text(last?.key ?? ""), Value(limit),
            ], Entry.init)
    }

    /// Turns an intent that gets no receipt any more into an unknown call. False when it was moved meanwhile.
    package func doubt(_ entry: Entry, at now: Moment = .now) async throws -> Bool {
        try await access.execute(
            """
            update effects set state = 'unknown', updated_at = $3
            where workspace_id = $1 and key = $2 and state = 'intent' and job_id = $4 and attempt = $5
            """,
            [
                Value(entry.workspace), .text(entry.key), Value(now), Value(entry.job),
                Value(entry.attempt),
            ]) == 1
    }

    /// The same for all intents of a job that has ended; what is unknown of it then, oldest first.
    package func doubts(_ workspace: ID, job: ID, at now: Moment = .now) async throws -> [Entry] {
        try await access.execute(
            """
            update effects set state = 'unknown', updated_at = $3
            where workspace_id = $1 and state = 'intent' and job_id = $2
            """, [Value(workspace), Value(job), Value(now)])
        return try await access.query(
            """
            select \(Self.columns) from effects where workspace_id = $1 and state = 'unknown' and job_id = $2
            order by begun_at, key
            """, [Value(workspace), Value(job)], Entry.init)
    }
}
