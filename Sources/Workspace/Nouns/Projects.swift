import Core

extension Noun {
    /// A goal with a deadline, under which tasks are gathered.
    package static let project = Noun(
        "project", "projects",
        fields: [
            Field("name", .text(Project.Limits.name)).required().searched().sorted(),
            Field("description", .text(Project.Limits.description)).or("").searched(),
            Field("status", .word(Project.Status.allCases.map(\.rawValue))).or("active").filtered(),
            Field("deadline", .time).optional().sorted().ranged(),
        ])
}
