import Core

extension Noun {
    /// Who is told next of what nobody acknowledges.
    package static let notificationEscalation = Noun(
        "notification_escalation", "notification_escalations",
        fields: [
            Field("name", .text(1...100)).required().searched().sorted(),
            Field("enabled", .flag).or(true).filtered(),
            Field("steps", .json(schema: EscalationStep.schema)).required(),
            Field("repeats", .whole(0...20)).or(0)
                .about("How often the steps are gone through again."),
        ] + Selection.fields,
        laws: [
            { values throws(Failure) in
                let steps = try EscalationStep.list(values["steps"], at: "/steps")
                guard !steps.isEmpty else {
                    throw Failure(.invalid, "steps must not be empty.", at: "/steps")
                }
                guard let index = steps.firstIndex(where: { $0.contact != nil }) else { return }
                throw Failure(
                    .invalid, "Notifications go to users; a contact gets follow-ups.",
                    at: "/steps/\(index)/contact_id")
            }
        ])
}
