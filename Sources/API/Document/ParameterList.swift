import Core

/// The parameters of a route as the document shows them.
struct ParameterList {
    private let document: Document

    init(_ document: Document) { self.document = document }

    func of(_ route: Route) -> [JSON] {
        let names = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().prefix { $0 != "}" })
        }
        var headers = route.headers
        if document.showsVersion(route) {
            headers.append(
                Route.Parameter(
                    name: "If-None-Match", about: "An ETag; while the row still has it, the answer is 304."))
        }
        return names.map { place($0) } + route.queries.map { show($0, in: "query") }
            + headers.map { show($0, in: "header") }
    }

    private func place(_ name: String) -> JSON {
        ["name": .string(name), "in": "path", "required": true, "schema": Self.paths[name] ?? Schema.string]
    }

    private func show(_ parameter: Route.Parameter, in place: String) -> JSON {
        var schema = parameter.schema
        if schema == Schema.string {
            let plain = place == "query" ? Schema.text(0...Limits.parameter) : Schema.string
            schema = Self.known[parameter.name] ?? plain
        }
        return [
            "name": .string(parameter.name), "in": .string(place), "required": .bool(parameter.isRequired),
            "description": .string(parameter.about), "schema": schema,
        ]
    }

    private static let queue: JSON = ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$"]

    private static let paths: [String: JSON] = [
        "id": Schema.id,
        "key": ["type": "string", "pattern": #"^[!#-)+\-0-:<-\[\]-{}~][!#-)+\-.0-:<-\[\]-{}~]{0,127}$"#],
    ]

    /// What parameters of a name always look like.
    private static let known: [String: JSON] = [
        "queue": queue,
        "If-Match": ["type": "string", "pattern": #"^(\*|"?[0-9]{1,18}"?)$"#],
        "Idempotency-Key": ["type": "string", "pattern": .string("^[!-~]{1,\(Limits.idempotencyKey)}$")],
    ]
}
