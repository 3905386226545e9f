import Automation
import Core
import Integrations
import Work

/// Tells another system what happened: signed as Standard Webhooks has it, tried again on that
/// specification's schedule.
struct DeliverWebhook: Job {
    static let name = "deliver_webhook"
    static let policy = Policy(
        attempts: Webhooks.schedule.count, timeout: .seconds(60),
        backoff: .schedule(Array(Webhooks.schedule.dropFirst())))

    /// Where to; only public addresses, unless the operator allows more.
    let url: String
    /// What happened, such as `task.created`.
    let type: String
    let data: JSON
    /// `whsec_...`; two while one replaces the other. Never shown again.
    let secrets: [String]

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let keys = try secrets.enumerated().map { index, text in
            guard let secret = Webhooks.Secret(text) else {
                throw Failure(
                    .invalid, "A secret is whsec_ and the base64 of 24 to 64 bytes.",
                    at: "/arguments/secrets/\(index)")
            }
            return secret
        }
        let body: JSON = [
            "type": .string(type), "timestamp": .string(context.created.text), "data": data,
        ]
        // The job's id stays the same on every attempt, so that the receiver can fold repeats.
        let message = Webhooks.Message(id: "msg_\(context.id)", url: url, body: body.bytes)
        switch try await context.tools.integrations.webhooks.send(message, secrets: keys) {
        case .delivered(let status, let took):
            return .result(["status": .integer(Int64(status)), "took_ms": .integer(took.milliseconds)])
        case .gone: return .giveUp("The receiver wants no more messages (410): disable this endpoint.")
        }
    }
}
