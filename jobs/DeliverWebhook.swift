import Automation
import Core
import Integrations
import Work

/// Tells another system what happened: signed as Standard Webhooks has it, tried again on that
/// specification's schedule.
struct DeliverWebhook: Job {
    static let name = "deliver_webhook"
    static let area = "integrations"
    static let policy = Policy(
        attempts: Webhooks.schedule.count, timeout: .seconds(60),
        backoff: .schedule(Array(Webhooks.schedule.dropFirst())))

    /// Where to; only public addresses, unless the operator allows more.
    let url: String
    /// What happened, such as `task.created`.
    let type: String
    let data: JSON
    /// The connection of the service `webhook` whose secrets sign it; without one, the secret of the
    /// workspace's callbacks does. No secret is ever an argument, for arguments are kept and shown.
    let connection_id: ID?

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let keys = try await secrets(context)
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

    private func secrets(_ context: Context<Tools>) async throws -> [Webhooks.Secret] {
        let workspace = try context.owner
        guard let connection_id else {
            guard let text = context.tools.callbackSecret?(workspace.text) else {
                throw Failure(
                    .invalid, "Nothing signs webhooks here: set ATOM_CALLBACK_SECRET, or name a connection.",
                    at: "/arguments/connection_id")
            }
            return [text].compactMap(Webhooks.Secret.init)
        }
        let connection = try await context.tools.connections.open(connection_id, in: workspace)
        // Two while one replaces the other.
        let texts = ["webhook_secret", "webhook_secret_old"].compactMap { connection.line.credentials[$0] }
        let secrets = texts.compactMap(Webhooks.Secret.init)
        guard !secrets.isEmpty, secrets.count == texts.count else {
            throw Failure(
                .invalid, "The secrets of the connection must be whsec_ and the base64 of 24 to 64 bytes.",
                at: "/arguments/connection_id")
        }
        return secrets
    }
}
