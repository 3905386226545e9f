import Core

extension Noun {
    /// Time that somebody spent on a task.
    package static let timeEntry = Noun(
        "time_entry", "time_entries",
        fields: [
            Field("task_id", .row("tasks")).required().fixed().filtered(),
            Field("minutes", .whole(1...60_000)).required(),
            Field("note", .text(0...2_000)).or(""),
            Field("started_at", .time).optional().sorted().ranged("started"),
            Field("user_id", .user).optional().shown().filtered(),
        ])
}
