import Core
import SQL

extension Store {
    /// A job that a row names as the one that looks at it next.
    package struct DueJob: Sendable, Hashable {
        package let workspace: ID
        package let id: ID
        package let name: String
        package let arguments: JSON
        /// When it falls due.
        package let due: Moment
    }

    /// A kind of rows that wait for jobs: where each names its job and the job's time.
    package struct Timer: Sendable {
        package let job: String
        let table: String
        /// The column of the job's id.
        let id: String
        /// The column of its time.
        let due: String
        /// Which rows still wait.
        let condition: String
        /// The names of the job's arguments, and the columns that hold them.
        let arguments: KeyValuePairs<String, String>

        /// All that lies in wait for a time. None of these does anything twice: each job asks its row first
        /// whether it is the one that the row names, or whether all is done.
        package static let all = [
            Timer(
                job: "send_follow_up", table: "follow_ups", id: "job_id", due: "due_at",
                condition: "job_id is not null", arguments: ["follow_up_id": "id"]),
            Timer(
                job: "scan_follow_ups", table: "follow_up_rules", id: "job_id", due: "next_scan_at",
                condition: "job_id is not null", arguments: ["rule_id": "id"]),
            Timer(
                job: "notify", table: "notifications", id: "fan_out_job_id", due: "created_at",
                condition: "fan_out_job_id is not null", arguments: ["notification_id": "id"]),
            Timer(
                job: "notify_later", table: "notification_deliveries", id: "job_id", due: "due_at",
                condition: "job_id is not null and told_at is null", arguments: ["target": "target"]),
            Timer(
                job: "escalate_notification", table: "notification_watches", id: "job_id", due: "due_at",
                condition: "due_at is not null",
                arguments: ["group_id": "group_id", "escalation_id": "escalation_id"]),
            Timer(
                job: "remind_of_event", table: "calendar_reminders", id: "job_id", due: "due_at",
                condition: "due_at is not null", arguments: ["event_id": "event_id"]),
        ]
    }

    /// Jobs that fell due before `moment` and whose rows still wait for them, longest due first. Across
    /// workspaces.
    ///
    /// - Parameter last: the one after which the list goes on.
    package func jobsDue(
        of timer: Timer, before moment: Moment, after last: DueJob? = nil, limit: Int
    ) async throws -> [DueJob] {
        let columns = timer.arguments.map(\.value).joined(separator: ", ")
        return try await access.query(
            """
            select distinct workspace_id, \(timer.id) as job, \(timer.due) as due, \(columns)
            from \(timer.table) where \(timer.condition) and \(timer.due) < $1
            and (\(timer.due) > $2 or \(timer.due) = $2 and \(timer.id) > $3) order by due, job limit $4
            """,
            [
                Value(moment), .integer(last?.due.microseconds ?? .min), .text(last?.id.text ?? ""),
                Value(limit),
            ]
        ) { row in
            DueJob(
                workspace: try row.get("workspace_id"), id: try row.get("job"), name: timer.job,
                arguments: .object(
                    try timer.arguments.map { .init($0.key, .string(try row.get($0.value))) }),
                due: try row.get("due"))
        }
    }
}
