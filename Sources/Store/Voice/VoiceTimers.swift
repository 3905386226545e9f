import Core
import SQL

/// What somebody works on since when, as they said.
package struct VoiceTimer: Sendable, Hashable {
    package let task: ID
    package let startedAt: Moment
}

extension Store.VoiceRoom {
    /// Begins to count a person's time on a task; what they worked on until now is returned.
    package func start(_ user: ID, on task: ID, at now: Moment) async throws -> VoiceTimer? {
        let before = try await stop(user)
        try await access.execute(
            """
            insert into voice_timers (workspace_id, user_id, task_id, started_at) values ($1, $2, $3, $4)
            """, [Value(try workspace), Value(user), Value(task), Value(now)])
        return before
    }

    /// Ends the counting of a person's time; nil where none was counted.
    package func stop(_ user: ID) async throws -> VoiceTimer? {
        try await access.query(
            """
            delete from voice_timers where workspace_id = $1 and user_id = $2 returning task_id, started_at
            """, [Value(try workspace), Value(user)]
        ) { VoiceTimer(task: try $0.get("task_id"), startedAt: try $0.get("started_at")) }.first
    }

    /// True when all that changes something waits until somebody says yes.
    package func confirmsChanges() async throws -> Bool {
        try await access.query(
            "select confirm_changes from voice_settings where workspace_id = $1", [Value(try workspace)]
        ) { try $0.get("confirm_changes", as: Int.self) == 1 }.first ?? false
    }

    package func confirmChanges(_ isWanted: Bool) async throws {
        try await access.execute(
            """
            insert into voice_settings (workspace_id, confirm_changes) values ($1, $2)
            on conflict (workspace_id) do update set confirm_changes = excluded.confirm_changes
            """, [Value(try workspace), Value(isWanted ? 1 : 0)])
    }
}
