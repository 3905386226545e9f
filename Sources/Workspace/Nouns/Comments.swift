import Core

extension Noun {
    /// What somebody says about a task.
    package static let comment = Noun(
        "comment", "comments",
        fields: [
            Field("task_id", .row("tasks")).required().fixed().filtered(),
            Field("content", .text(1...20_000)).required().searched()
                .about("Mentions people by @e-mail or @name."),
            Field("author_id", .user).optional().shown().filtered(),
            Field("author", .text(0...320)).optional().shown().elsewhere()
                .about("The name of whoever wrote it, or their e-mail address."),
            Field("mentions", .rows("users", most: Mentions.most)).or([]).shown(),
        ])
}
