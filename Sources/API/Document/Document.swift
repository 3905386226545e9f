import Core
import HTTPTypes

/// The OpenAPI 3.1 description of the routes, made of the routes themselves.
struct Document {
    private let routes: [Route]
    private let version: String

    init(_ routes: [Route], version: String) {
        self.routes = routes
        self.version = version
    }

    var json: JSON {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Atom", "version": .string(version),
                "description": "Background jobs on Redis, and the workspace they serve.",
                "license": ["name": "MIT", "identifier": "MIT"],
            ],
            "servers": [["url": "/"]],
            "security": [["bearer": []], ["key": []]],
            "paths": paths,
            "components": ["schemas": .object(Routes.schemas), "securitySchemes": Self.security],
        ]
    }

    private static let security: JSON = [
        "bearer": ["type": "http", "scheme": "bearer"],
        "key": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
    ]

    private var paths: JSON {
        var order: [String] = []
        var operations: [String: [JSON.Member]] = [:]
        for route in routes {
            if operations[route.path] == nil { order.append(route.path) }
            let name = route.method.rawValue.lowercased()
            operations[route.path, default: []].append(.init(name, operation(route)))
        }
        return .object(order.map { .init($0, .object(operations[$0] ?? [])) })
    }

    private func operation(_ route: Route) -> JSON {
        var members: [JSON.Member] = [.init("summary", .string(route.summary))]
        members.append(.init("operationId", .string(Self.name(of: route))))
        let parameters = parameters(of: route)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body = route.body {
            let content: JSON = .object([.init(body.type, ["schema": body.schema])])
            members.append(.init("requestBody", ["required": .bool(body.isRequired), "content": content]))
        }
        members.append(.init("responses", .object(responses(of: route))))
        if route.isOpen { members.append(.init("security", [])) }
        return .object(members)
    }

    /// Such as `get_api_jobs_id`.
    private static func name(of route: Route) -> String {
        let words = route.path.split { !$0.isLetter }.joined(separator: "_")
        return route.method.rawValue.lowercased() + "_" + (words.isEmpty ? "index" : words)
    }

    private func parameters(of route: Route) -> [JSON] {
        let names = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            $0.dropFirst().dropLast()
        }
        return names.map {
            [
                "name": .string(String($0)), "in": "path", "required": true,
                "schema": $0 == "id" ? Schema.id : Schema.string,
            ]
        }
            + route.queries.map { parameter($0, in: "query") }
            + route.headers.map { parameter($0, in: "header") }
    }

    private func parameter(_ parameter: Route.Parameter, in place: String) -> JSON {
        [
            "name": .string(parameter.name), "in": .string(place), "required": false,
            "description": .string(parameter.about), "schema": parameter.schema,
        ]
    }

    private func responses(of route: Route) -> [JSON.Member] {
        let good = route.answers.map { reply -> JSON.Member in
            var members: [JSON.Member] = [.init("description", .string(reply.about))]
            if let schema = reply.schema {
                members.append(.init("content", .object([.init(reply.type, ["schema": schema])])))
            }
            return .init(String(reply.status), .object(members))
        }
        let problem: JSON = ["application/problem+json": ["schema": Schema.named("Problem")]]
        return good + [.init("default", ["description": "Refused; see the problem.", "content": problem])]
    }
}
