import Core
import HTTPTypes

/// The OpenAPI 3.1 description of the routes, made of the routes themselves.
struct Document {
    let routes: [Route]
    let schemas: [String: JSON]
    let names: OperationNames
    private let version: String
    private let named: [JSON.Member]

    init(_ routes: [Route], version: String, schemas: [JSON.Member] = Routes.schemas) {
        self.routes = routes
        self.version = version
        named = schemas
        self.schemas = Dictionary(schemas.map { ($0.name, $0.value) }) { first, _ in first }
        names = OperationNames(routes)
    }

    var json: JSON {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Atom", "version": .string(version), "description": .string(Self.about),
                "license": ["name": "MIT", "identifier": "MIT"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(names.tags.map { ["name": .string($0)] }),
            "security": [["bearer": []], ["key": []]],
            "paths": paths,
            "components": [
                "schemas": .object(shownSchemas), "responses": .object(Refusals.responses),
                "headers": .object(Headers.components), "securitySchemes": Self.security,
            ],
        ]
    }

    private static let about = """
        Background jobs on Redis, and the workspace they serve. Every refusal is a problem document \
        (RFC 9457) whose detail says what was wrong and what to do. Times are RFC 3339, amounts are exact \
        decimals in texts, lists are read page by page by their next_cursor. While Redis is away, requests \
        are not counted against RateLimit.
        """

    private static let security: JSON = [
        "bearer": ["type": "http", "scheme": "bearer"],
        "key": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
    ]

    /// The named schemas, each with an example.
    private var shownSchemas: [JSON.Member] {
        named.map { schema in
            guard let members = schema.value.members, schema.value["examples"] == nil else { return schema }
            let example = Example(schemas).value(of: schema.value)
            return .init(schema.name, .object(members + [.init("examples", [example])]))
        }
    }

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
        var members: [JSON.Member] = [
            .init("summary", .string(route.summary)), .init("operationId", .string(names[route])),
            .init("tags", [.string(OperationNames.tag(of: route))]),
            .init("x-access", .string(route.access.rawValue)),
        ]
        let parameters = ParameterList(self).of(route)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body = route.body { members.append(.init("requestBody", request(body))) }
        members.append(.init("responses", .object(Replies(self).of(route))))
        if route.isOpen { members.append(.init("security", [])) }
        return .object(members)
    }

    private func request(_ body: Route.Body) -> JSON {
        // Bytes are never none.
        let isBytes = body.type != "application/json" && [Schema.string, Schema.any].contains(body.schema)
        let schema: JSON = isBytes && body.isRequired ? ["type": "string", "minLength": 1] : body.schema
        var content: [JSON.Member] = [.init("schema", schema)]
        // Bytes of another type have no example in JSON.
        if body.type == "application/json" {
            content.append(.init("example", Example(schemas, isRequest: true).value(of: body.schema)))
        }
        return ["required": .bool(body.isRequired), "content": .object([.init(body.type, .object(content))])]
    }

    /// True when the route shows one row with its version, by which a client may ask whether it changed.
    func showsVersion(_ route: Route) -> Bool {
        guard route.method == .get, route.path.hasSuffix("}") else { return false }
        let reply = route.answers.first { $0.status == 200 }
        return schema(reply?.schema)?["properties"]?["version"] != nil
    }

    /// The schema, or the one that it refers to.
    func schema(_ schema: JSON?) -> JSON? {
        guard let reference = schema?["$ref"]?.string else { return schema }
        return schemas[String(reference.split(separator: "/").last ?? "")]
    }
}
