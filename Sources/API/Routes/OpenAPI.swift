import Core
import HTTPTypes

extension Routes {
    /// `/openapi.json`: the description of all routes.
    enum OpenAPI {
        static let routes = [
            Route(.get, "/openapi.json", "Describe this API (OpenAPI 3.1).", show).open()
                .answering(Route.Reply(status: 200, about: "The document.", schema: Schema.object))
        ]

        static func show(_ call: Call) async throws -> Answer { Answer(call.office.document) }
    }
}
