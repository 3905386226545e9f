import Core

extension Noun {
    /// A talk with a language model; it belongs to who began it.
    package static let conversation = Noun(
        "conversation", "conversations",
        fields: [
            Field("title", .text(1...200)).required().sorted(),
            Field("contact_id", .row("contacts")).optional().filtered()
                .about("Whom it is about: to others nothing is proposed to be sent."),
            Field("user_id", .user).shown(),
        ], privacy: Privacy(owner: "user_id"))

    /// What was said in a talk with a language model.
    package static let chatMessage = Noun(
        "chat_message", "chat_messages",
        fields: [
            Field("conversation_id", .row("conversations")).required().fixed().filtered(),
            Field("role", .word(["user", "assistant"])).or("user").shown().filtered(),
            Field("content", .text(0...100_000)).required(),
            Field("model", .text(0...200)).optional().shown(),
            Field("job_id", .text(26...26)).optional().shown().about("The job that answers, or answered."),
            Field("user_id", .user).shown(),
        ], privacy: Privacy(owner: "user_id"))

    /// Something that a language model or a rule proposes to do. Nothing of it happens before the person it
    /// belongs to approves it.
    package static let action = Noun(
        "ai_action", "ai_actions", event: "ai:action",
        fields: [
            Field("conversation_id", .text(26...26)).optional().shown().filtered(),
            Field("tool", .text(1...60)).required().shown().filtered(),
            Field("parameters", .object(bytes: 32_000)).required().shown(),
            Field("summary", .text(1...500)).required().shown()
                .about("What it will do, as the rows of the workspace say."),
            Field("preview", .object(bytes: 32_000)).optional().shown().about(
                "The same in parts: whom or what it concerns, and what each field holds and will hold."),
            Field("reason", .text(0...2_000)).optional().shown(),
            Field("status", .word(ActionStatus.allCases.map(\.rawValue))).shown()
                .or(JSON(ActionStatus.awaitingApproval)).filtered(),
            Field("digest", .text(64...64)).shown().or("")
                .about("What an approval must name: it stands for the tool and its exact parameters."),
            Field("expires_at", .time).shown().about("It cannot be approved any more from then on."),
            Field("decided_at", .time).optional().shown(),
            Field("result", .object(bytes: 64_000)).optional().shown(),
            Field("error", .text(0...2_000)).optional().shown(),
            Field("job_id", .text(26...26)).optional().shown(),
            Field("user_id", .user).shown(),
        ], privacy: Privacy(owner: "user_id"))
}

/// Where a proposed action stands.
package enum ActionStatus: String, Sendable, Hashable, CaseIterable {
    case awaitingApproval = "awaiting_approval"
    /// Approved, and done in the same moment.
    case executed
    case rejected
    /// Approved, and then it could not be done.
    case failed
}
