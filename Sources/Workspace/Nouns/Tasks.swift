import Core

extension Noun {
    /// One piece of work that somebody can finish.
    package static let task = Noun(
        "task", "tasks",
        fields: [
            Field("title", .text(ProjectTask.Limits.title)).required().searched().sorted(),
            Field("description", .text(ProjectTask.Limits.description)).or("").searched(),
            Field("status", .word(ProjectTask.Status.allCases.map(\.rawValue))).or("todo").filtered(),
            Field("priority", .word(ProjectTask.Priority.allCases.map(\.rawValue))).or("medium").filtered()
                .sorted(),
            Field("project_id", .row("projects")).optional().filtered(),
            Field("parent_id", .row("tasks")).optional().filtered()
                .about("The task that this one is a part of."),
            Field("assigned_to", .text(ProjectTask.Limits.assignedTo)).optional().filtered(),
            Field("label_ids", .rows("labels", most: 50)).or([]).elsewhere(),
            Field("time_estimate", .number(ProjectTask.Limits.hours, unit: "hours")).optional()
                .about("Hours."),
            Field("time_spent", .number(ProjectTask.Limits.hours, unit: "hours")).optional()
                .about("Hours; the sum of the time entries where there are any."),
            Field("due_date", .time).optional().sorted().ranged("due"),
            Field("recurrence", .text(1...500)).optional()
                .about("An RRULE of RFC 5545: when the task is done, the next one is made."),
            Field("time_zone", .zone).optional().about("Where the recurrence is counted; UTC unless told."),
            Field("depends_on", .rows("tasks", most: ProjectTask.Limits.dependencies)).or([]).elsewhere()
                .about("The tasks that have to be done before this one."),
            Field("recurs_from", .time).optional().shown().about(
                "The due date that the recurrence began at."),
            Field("next_task_id", .row("tasks")).optional().shown()
                .about("The task that was made when this one was done."),
            Field("started_at", .time).optional().shown(),
            Field("completed_at", .time).optional().shown(),
        ],
        laws: [requireDueDate])

    private static func requireDueDate(_ task: Values) throws(Failure) {
        guard task.text("recurrence") != nil, task.time("due_date") == nil else { return }
        throw Failure(.invalid, "A task that recurs needs a due date.", at: "/due_date")
    }
}
