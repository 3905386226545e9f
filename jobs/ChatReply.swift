import Automation
import Core
import Store
import Work
import Workspace

/// Answers the last message of a conversation by a language model, told piece by piece while it comes.
///
/// What the model wants done is only proposed. The answer is written down under the id of the job, so that
/// there is one, however often the job runs.
struct ChatReply: Job {
    static let name = "chat_reply"
    static let area = "ai"
    static let policy = Policy(attempts: 4, timeout: .seconds(900))

    let conversation_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let whole = try await context.store.rows(.conversations).find(conversation_id)
        guard let conversation = whole, let user = conversation.values.id("user_id") else {
            return .result(["skipped": "The conversation is gone."])
        }
        let store = context.tools.store.scoped(
            Scope(workspace: try context.owner, user: user, actor: "job:\(context.id)"))
        if let answer = try await store.rows(.chatMessages).find(context.id) {
            return .result(try await result(answer, store))
        }
        guard try await isAwaited(by: store, context.id) else {
            return .result(["skipped": "No message of the conversation waits for this job."])
        }
        let asking = Models.Asking(workspace: try context.owner, job: context.id, purpose: "chat")
        guard try await !context.tools.models.candidates(in: asking.workspace).isEmpty else {
            return .result(try await keep(.init(text: try await withoutModel(context)), store, context))
        }
        let facts = try await facts(context)
        let outcome = try await Chat(context.tools, store).answer(conversation, for: asking, facts: facts) {
            try await context.say($0, at: $1, to: user)
        }
        return .result(try await keep(outcome, store, context))
    }

    /// Its person's message names the job that answers: nobody else can have the conversation go on.
    private func isAwaited(by store: Store, _ job: ID) async throws -> Bool {
        var query = Rows.Query()
        query.limit = 1
        query.equal = [
            ("conversation_id", JSON(conversation_id)), ("role", "user"), ("job_id", JSON(job)),
        ]
        .compactMap { name, value in Noun.chatMessage.field(name).map { ($0, value) } }
        return try await !store.rows(.chatMessages).list(query).isEmpty
    }

    /// The answer and what it proposes are written together.
    private func keep(
        _ outcome: Chat.Outcome, _ store: Store, _ context: Context<Tools>
    ) async throws -> JSON {
        let vault = context.tools.vault
        let item = try await store.transaction { store in
            for wish in outcome.wishes { _ = try await Actions(store, vault).propose(wish) }
            return try await store.rows(.chatMessages).create(
                Values([
                    "conversation_id": JSON(conversation_id), "role": "assistant",
                    "content": .string(String(outcome.text.prefix(100_000))), "model": JSON(outcome.model),
                    "job_id": JSON(context.id),
                ]), id: context.id)
        }
        return try await result(item, store)
    }

    private func result(_ answer: Item, _ store: Store) async throws -> JSON {
        var query = Rows.Query()
        query.equal = [
            ("conversation_id", JSON(conversation_id)), ("status", JSON(ActionStatus.awaitingApproval)),
        ]
        .compactMap { name, value in Noun.action.field(name).map { ($0, value) } }
        let actions = try await store.rows(.actions).list(query)
        return [
            "message_id": JSON(answer.id), "model": answer["model"],
            "actions": .array(actions.map { JSON($0.id) }),
        ]
    }

    private func facts(_ context: Context<Tools>) async throws -> String {
        let report = try await Overview(context.tools.store, try context.owner).report(
            seed: 0, at: context.now)
        let worst = report.worst(5).map { "- \($0.title)" }.joined(separator: "\n")
        return "\(report.headline)\n\(worst)"
    }

    private func withoutModel(_ context: Context<Tools>) async throws -> String {
        "No language model is connected, so this is what was computed from the workspace: "
            + (try await facts(context))
    }
}
