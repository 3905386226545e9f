import Core

extension Noun {
    /// Something that one person should know.
    package static let notification = Noun(
        "notification", "notifications",
        fields: [
            Field("user_id", .user).shown(),
            Field("kind", .text(1...50)).shown().filtered().about("What it is about, such as budget_alert."),
            Field("level", .word(Urgency.allCases.map(\.rawValue))).or("info").shown().filtered(),
            Field("title", .text(1...200)).shown(),
            Field("body", .text(0...2_000)).or("").shown(),
            Field("subject_id", .text(1...26)).optional().shown().about("The row it speaks of."),
            Field("group_id", .text(26...26)).optional().shown()
                .about("What was told to several people at once; who acknowledges one acknowledges all."),
            Field("read_at", .time).optional().shown(),
            Field("acknowledged_at", .time).optional().shown(),
            Field("acknowledged_by", .text(26...26)).optional().shown(),
        ], privacy: Privacy(owner: "user_id"))
}
