import Automation
import Core
import Store
import Work

/// Sends one message of the workspace by its channel, once, and writes down how it went.
///
/// Only the job that the message names sends it: whoever cancels a message, or has it sent by another job,
/// takes it from this one.
struct SendMessage: Job {
    static let name = "send_message"
    static let area = "communications"
    static let policy = Policy(
        attempts: 12, timeout: .seconds(300),
        backoff: .exponential(first: .seconds(30), most: .seconds(14_400)))

    let message_id: ID

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let (workspace, store) = (try context.owner, try context.store)
        guard let message = try await store.messages.take(message_id, by: context.id) else {
            return .result(["skipped": "The message is not waiting for this job."])
        }
        let dispatch = try await Dispatch(message, context.tools, in: workspace)
        switch try await dispatch.send(job: context.id, attempt: context.delivery) {
        case .sent(let receipt):
            try await store.messages.sent(message_id, receipt: receipt, externalID: receipt["id"]?.string)
            return .result(receipt)
        case .unknown(let key):
            return .giveUp(Advice.lastWord(key))
        }
    }

    static func exhausted(_ job: Self?, _ failure: Failure, _ context: Context<Tools>) async throws {
        guard let job else { return }
        let reason = try await context.lastWord(after: failure)
        try await context.store.messages.failed(job.message_id, by: context.id, reason)
    }
}

extension Context<Tools> {
    /// The tables of the workspace that the job belongs to; the journal names the job.
    var store: Store {
        get throws { tools.store.scoped(Scope(workspace: try owner, actor: "job:\(id)")) }
    }

    /// What is to be told of a job that has ended: of what it may have sent before what it ended of. An
    /// intent that it left becomes an unknown call, now that no attempt follows.
    func lastWord(after failure: Failure) async throws -> String {
        let unknown = try await store.effects.doubts(try owner, job: id)
        return unknown.first.map { Advice.lastWord($0.key) } ?? failure.message
    }
}
