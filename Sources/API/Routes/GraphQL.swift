import Core
import GraphQL
import HTTPTypes
import Hummingbird

extension Routes {
    /// `/graphql`: the nouns of the workspace, as much of them in one request as the caller wants.
    enum GraphQL {
        static let routes = [
            Route(.post, "/graphql", "Run a GraphQL document.", run).fieldwise().taking("GraphRequest")
                .answering(200, "Data, errors, or both.", "GraphAnswer"),
            Route(.get, "/graphql", "Run a GraphQL query.", ask).fieldwise()
                .needed("query", "The document.", Schema.text(0...8_000))
                .query("variables", "A JSON object.", Schema.text(0...8_000))
                .query("operationName", "Which of its operations to run.", Schema.text(0...200))
                .answering(200, "Data, errors, or both.", "GraphAnswer"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "GraphRequest",
                Schema.object(
                    [
                        "query": [
                            "type": "string",
                            "examples": ["{ tasks(first: 3) { nodes { id title project { name } } } }"],
                        ],
                        "variables": ["type": ["object", "null"]],
                        "operationName": ["type": ["string", "null"]],
                        "extensions": ["type": ["object", "null"]],
                    ], required: ["query"])),
            .init(
                "GraphAnswer",
                Schema.object([
                    "data": ["type": ["object", "null"]], "errors": Schema.list(Schema.object),
                    "extensions": Schema.object,
                ])),
        ]

        static func run(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            let known: Set = ["query", "variables", "operationName", "extensions"]
            if let stray = json.members?.first(where: { !known.contains($0.name) }) {
                throw Failure(.invalid, "There is no member \"\(stray.name.prefix(40))\" here.")
            }
            let text = try member("query", of: json, \.string, "a text")
            guard let text else { throw Failure(.invalid, "query is missing.", at: "/query") }
            let variables = try member("variables", of: json, { $0.members.map(JSON.object) }, "an object")
            _ = try member("extensions", of: json, \.members, "an object")
            let name = try member("operationName", of: json, \.string, "a text")
            return try await answer(
                Engine.Request(text, variables: variables ?? [:], operation: name), call)
        }

        static func ask(_ call: Call) async throws -> Answer {
            guard let text = call.query("query") else {
                throw Failure(.invalid, "Send the document as ?query=, or POST it.")
            }
            var variables: JSON = [:]
            if let json = call.query("variables"), !json.isEmpty {
                guard let read = try? JSONParser.parse(Array(json.utf8)), read.members != nil else {
                    throw Problem.senseless(
                        Failure(.invalid, "The query parameter variables must be a JSON object."))
                }
                variables = read
            }
            let name = call.query("operationName").flatMap { $0.isEmpty ? nil : $0 }
            return try await answer(
                Engine.Request(text, variables: variables, operation: name), call, isReading: true)
        }

        private static func member<Value>(
            _ name: String, of json: JSON, _ read: (JSON) -> Value?, _ shape: String
        ) throws -> Value? {
            guard let json = json[name], json != .null else { return nil }
            guard let value = read(json) else {
                throw Failure(.invalid, "\(name) must be \(shape).", at: "/\(name)")
            }
            return value
        }

        private static func answer(
            _ request: Engine.Request, _ call: Call, isReading: Bool = false
        ) async throws -> Answer {
            let plan: Plan
            do { plan = try Graph.ours.engine.plan(request) } catch let refusal as Engine.Refusal {
                return Answer(refusal.json)
            }
            guard !isReading || plan.kind == .query else { throw Problem.wrongMethod(allowed: "POST") }
            return Answer(await GraphAnswers(graph: .ours, call: call).run(plan))
        }
    }
}
