import Core

extension Noun {
    /// What is followed up without anybody asking for it each time.
    package static let followUpRule = Noun(
        "follow_up_rule", "follow_up_rules",
        fields: [
            Field("name", .text(1...200)).required().searched().sorted(),
            Field("kind", .word(FollowUpKind.allCases.map(\.rawValue).filter { $0 != "manual" })).required()
                .fixed().filtered(),
            Field("after_hours", .number(FollowUpRule.hours, unit: "hours")).required()
                .about(
                    "Hours without an update, or without a reply; for the kind due, hours before it is due."
                ),
            Field("enabled", .flag).or(true).filtered(),
            Field("project_id", .row("projects")).optional().filtered()
                .about("Only tasks of this project."),
            Field("label_id", .row("labels")).optional().about("Only tasks with this label."),
            Field("assigned_to", .text(ProjectTask.Limits.assignedTo)).optional()
                .about("Only tasks that are assigned to this one."),
            Field("cooldown_hours", .number(FollowUpRule.hours, unit: "hours")).or(24.0)
                .about("A task or message is not followed up again within these hours."),
            Field("every_minutes", .number(FollowUpRule.minutes, unit: "minutes")).or(5.0)
                .about("How often it looks."),
        ] + FollowUpFields.addressee + FollowUpFields.text + [
            Field("scanned_at", .time).optional().shown().about("When it looked last."),
            Field("next_scan_at", .time).optional().shown(),
            Field("job_id", .text(26...26)).optional().shown().about("The job that looks next."),
        ],
        laws: [FollowUpFields.people, FollowUpFields.steps])
}

/// The bounds of what a rule of follow-ups may say.
package enum FollowUpRule {
    /// From a second to a year.
    package static let hours = 0.0...8_784.0
    package static let minutes = 0.01...1_440.0
}
