import Core

extension Noun {
    /// Something written down, by and for one person unless it is shared.
    package static let note = Noun(
        "note", "notes",
        fields: [
            Field("title", .text(1...200)).required().searched().sorted(),
            Field("body", .text(0...100_000)).or("").searched(),
            Field("kind", .word(["personal", "event", "meeting"])).or("personal").filtered(),
            Field("event_id", .row("calendar_events")).optional().filtered(),
            Field("task_id", .row("tasks")).optional().filtered(),
            Field("tags", .texts(1...50, most: 20)).or([]).filtered().searched(),
            Field("pinned", .flag).or(false).filtered(),
            Field("shared", .flag).or(false).filtered()
                .about("All of the workspace may read it; only its author changes it."),
            Field("author_id", .user).shown().filtered(),
        ], privacy: Privacy(owner: "author_id", unless: "shared"))
}
