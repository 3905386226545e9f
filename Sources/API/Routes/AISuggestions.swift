import Accounts
import Automation
import Core
import HTTPTypes
import Hummingbird
import Store
import Workspace

extension Routes {
    /// `/ai/suggestions`: what follows from the state of the workspace by rule, each with its evidence.
    enum AISuggestions {
        static let routes = [
            Route(.get, "/ai/suggestions", "List what is worth doing, the most urgent first.", list)
                .query("kind", "Only those of this kind.", Schema.choice(Suggestion.Kind.self))
                .answering(200, "The suggestions, each with what it rests on.", "Suggestions"),
            Route(
                .post, "/ai/suggestions/{suggestion}/accept",
                "Make a follow-up of a suggestion, or propose its change as an action.", accept
            ).answering(201, "What was made of it.", "AcceptedSuggestion"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Suggestion",
                Schema.object(
                    [
                        "id": Schema.string, "kind": Schema.choice(Suggestion.Kind.self),
                        "task_id": Schema.id, "title": Schema.string, "reason": Schema.string,
                        "severity": Schema.choice(Finding.Severity.self), "change": Schema.object,
                        "evidence": Schema.object,
                    ],
                    required: [
                        "id", "kind", "task_id", "title", "reason", "severity", "change", "evidence",
                    ])),
            .init(
                "Suggestions",
                Schema.object(
                    ["suggestions": Schema.list(Schema.named("Suggestion"))], required: ["suggestions"])),
            .init(
                "AcceptedSuggestion",
                Schema.object(
                    [
                        "follow_up_id": Schema.optional(Schema.id),
                        "action": Schema.optional(Schema.named("AiAction")),
                    ], required: ["follow_up_id", "action"])),
        ]
    }
}

extension Routes.AISuggestions {
    private static func list(_ call: Call) async throws -> Answer {
        let kind: Suggestion.Kind? = try call.choice("kind")
        let all = try await suggestions(call).filter { kind == nil || $0.kind == kind }
        return Answer(["suggestions": .array(all.map(\.json))])
    }

    private static func accept(_ call: Call) async throws -> Answer {
        let id = call.parameters.get("suggestion") ?? ""
        guard let suggestion = try await suggestions(call).first(where: { $0.id == id }) else {
            throw Failure(.missing, "There is no such suggestion now; its reason may be gone.")
        }
        guard suggestion.kind != .followUp else { return try await followUp(suggestion, call) }
        let parameters = JSON.object([.init("id", JSON(suggestion.task))] + suggestion.change)
        let wish = Actions.Wish(tool: "update_task", parameters: parameters, reason: suggestion.reason)
        let item = try await Actions(call.store, call.office.house.tools.vault).propose(wish)
        return Answer(
            .created, ["follow_up_id": .null, "action": Routes.AIActions.resource.noun.json(item)])
    }

    private static func followUp(_ suggestion: Suggestion, _ call: Call) async throws -> Answer {
        guard call.principal?.scopes.admit("follow-ups", writing: true) == true else {
            throw Failure(.forbidden, "The scopes of this key do not allow to change follow-ups.")
        }
        let item = try await judging {
            try await call.store.rows(.followUps).create(
                Values([
                    "task_id": JSON(suggestion.task), "user_id": JSON(call.principal?.user),
                    "body": .string(suggestion.reason),
                ]))
        }
        return Answer(.created, ["follow_up_id": JSON(item.id), "action": .null])
    }

    private static func suggestions(_ call: Call) async throws -> [Suggestion] {
        try await Overview(call.office.store, try call.workspace).report(seed: 0).suggestions
    }
}
