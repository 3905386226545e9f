import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/communications/templates`: texts for many messages, and what they look like filled.
    enum Templates {
        static let resource = Resource(.templates, at: "/api/communications/templates")

        static let routes =
            resource.routes + [
                Route(.post, "\(resource.path)/{id}/render", "Fill a template with values.", render)
                    .reading().taking("TemplateValues").answering(200, "The text.", "TemplateText")
            ]

        static let schemas =
            resource.schemas + [
                .init(
                    "TemplateValues",
                    Schema.object([
                        "variables": [
                            "type": "object",
                            "additionalProperties": ["type": ["string", "number", "boolean"]],
                        ]
                    ])),
                .init("TemplateText", text),
            ]

        private static let text = Schema.object(
            [
                "channel": Schema.choice(Channel.self), "format": Schema.choice(Channel.Format.self),
                "subject": Schema.optional(Schema.string), "body": Schema.string,
            ], required: ["channel", "format", "subject", "body"])

        private static func render(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            guard let members = json.members, members.allSatisfy({ $0.name == "variables" }) else {
                throw Failure(.invalid, "Send an object with variables, and nothing beside them.")
            }
            if json["variables"] == .null {
                throw Failure(.invalid, "variables must be an object.", at: "/variables")
            }
            let variables = try MessageTemplate.variables(json["variables"])
            let row = try await call.store.rows(.templates).require(call.id(of: "template"))
            let filled = try judging { try MessageTemplate(row.values).filled(with: variables) }
            return Answer(
                .object(["channel", "format", "subject", "body"].map { .init($0, filled[$0] ?? .null) }))
        }
    }
}
