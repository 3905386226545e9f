import Core
import HTTPTypes

extension Routes {
    /// `/api/callbacks/secret`: what the receivers of callbacks check signatures with.
    enum Callbacks {
        static let routes = [
            Route(
                .get, "/api/callbacks/secret", "Show the secret that signs the callbacks of this workspace.",
                show
            ).operating().answering(200, "The secret, as Standard Webhooks has it.", "CallbackSecret")
        ]

        static let schemas: [JSON.Member] = [
            .init("CallbackSecret", Schema.object(["secret": Schema.string], required: ["secret"]))
        ]

        static func show(_ call: Call) async throws -> Answer {
            guard let secret = call.office.settings.callbackSecret else {
                throw Failure(.missing, "Nothing signs callbacks here. Set ATOM_CALLBACK_SECRET.")
            }
            return Answer(["secret": .string(secret(try call.workspace.text))])
        }
    }
}
