import Core

extension Noun {
    /// A file that belongs to a task.
    package static let attachment = Noun(
        "attachment", "attachments",
        fields: [
            Field("task_id", .row("tasks")).required().fixed().filtered(),
            Field("name", .text(1...255)).required(),
            Field("type", .text(1...100)).required().shown().about("Judged by its content."),
            Field("bytes", .whole(0...26_214_400)).required().shown(),
            Field("sha256", .text(64...64)).required().shown(),
            Field("author_id", .user).optional().shown(),
        ])
}
