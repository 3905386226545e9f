import Core

extension Noun {
    /// A piece of software that is worked on, and where its source lies.
    package static let devProject = Noun(
        "dev_project", "dev_projects",
        fields: [
            Field("name", .text(1...200)).required().searched().sorted(),
            Field("description", .text(0...20_000)).or("").searched(),
            Field("repository_url", .url).optional(),
            Field("languages", .texts(1...50, most: 20)).or([]).filtered().searched(),
            Field("status", .word(["planning", "active", "paused", "completed", "archived"])).or("active")
                .filtered(),
            Field("branch", .text(1...200)).or("main"),
            Field("project_id", .row("projects")).optional().filtered(),
            Field("last_activity_at", .time).optional().sorted().ranged("last_activity"),
        ])
}
