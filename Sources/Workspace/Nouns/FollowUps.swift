import Core

extension Noun {
    /// A question that is asked at its time, and again until it is answered or there is nothing to ask.
    package static let followUp = Noun(
        "follow_up", "follow_ups",
        fields: [
            Field("kind", .word(FollowUpKind.allCases.map(\.rawValue))).or("manual").fixed().filtered(),
            Field("status", .word(FollowUpStatus.allCases.map(\.rawValue))).or("scheduled").shown()
                .filtered(),
            Field("rule_id", .row("follow_up_rules")).optional().shown().filtered(),
            Field("task_id", .row("tasks")).optional().fixed().filtered(),
            Field("message_id", .row("messages")).optional().fixed().filtered()
                .about("The message that a reply is missing to."),
            Field("send_at", .time).optional().sorted().ranged("send")
                .about("When it is sent, outside the quiet hours of whom it goes to; at once unless told."),
        ] + FollowUpFields.addressee + FollowUpFields.text + [
            Field("due_at", .time).optional().shown().sorted().about("When the next thing happens."),
            Field("step", .whole(0...EscalationStep.most)).or(0).shown()
                .about("How many steps of the escalation were taken."),
            Field("sent_at", .time).optional().shown().sorted(),
            Field("ended_at", .time).optional().shown(),
            Field("reason", .text(0...2_000)).optional().shown().about("Why it ended."),
            Field("last_message_id", .text(26...26)).optional().shown(),
            Field("basis", .time).optional().shown()
                .about("The task's last change, or due date, that it rests on."),
            Field("episode", .text(1...60)).optional().shown()
                .about("A rule makes one follow-up an episode."),
            Field("job_id", .text(26...26)).optional().shown(),
        ],
        laws: [FollowUpFields.people, FollowUpFields.steps, subject])

    private static func subject(_ values: Values) throws(Failure) {
        switch values.text("kind").flatMap({ FollowUpKind(rawValue: $0) }) {
        case .stale, .due:
            guard values.id("task_id") == nil else { return }
            throw Failure(.invalid, "task_id is missing: say which task it is about.", at: "/task_id")
        case .noReply:
            guard values.id("message_id") == nil else { return }
            throw Failure(.invalid, "message_id is missing: say which message.", at: "/message_id")
        case .manual, nil: return
        }
    }
}

/// What follow-ups and the rules that make them have in common.
enum FollowUpFields {
    static let addressee = [
        Field("user_id", .user).optional().filtered(),
        Field("contact_id", .row("contacts")).optional().filtered(),
        Field("channel", .word(Channel.allCases.map(\.rawValue))).optional()
            .about("The one that the person prefers, unless told."),
    ]

    static let text = [
        Field("template_id", .row("message_templates")).optional()
            .about("A template with the variables title, name, due and kind, or some of them."),
        Field("subject", .text(0...500)).optional(),
        Field("body", .text(0...10_000)).optional().about("A text by the kind unless told."),
        Field("escalation", .json(schema: EscalationStep.schema)).or([])
            .about("Who is asked next while nobody answers."),
        Field("urgent", .flag).or(false).about("It is sent in quiet hours too."),
    ]

    static func people(_ values: Values) throws(Failure) {
        guard values.id("user_id") != nil, values.id("contact_id") != nil else { return }
        throw Failure(.invalid, "It goes to a user or to a contact, not both.", at: "/contact_id")
    }

    static func steps(_ values: Values) throws(Failure) {
        _ = try EscalationStep.list(values["escalation"], at: "/escalation")
        try MessageRules.oneLine(values)
    }
}
