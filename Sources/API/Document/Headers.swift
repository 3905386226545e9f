import Core
import HTTPTypes

/// The headers of answers as the document shows them.
enum Headers {
    static let components: [JSON.Member] = all.map { name, about, schema in
        .init(name, ["description": .string(about), "schema": schema])
    }

    private static let all: [(String, String, JSON)] = [
        (
            "X-Request-ID",
            "What this request is called in the log; the caller's own name where it was sane.", Schema.string
        ),
        ("ETag", "The version of the row, for If-Match and If-None-Match.", Schema.string),
        ("Location", "The path of what was made.", Schema.string),
        ("Link", "The next page (RFC 8288), where there is one.", Schema.string),
        (
            "Idempotent-Replay", "true where the answer is that of an earlier request with the same key.",
            ["type": "string", "enum": ["true"]]
        ),
        (
            "Retry-After", "After how many seconds another try makes sense.",
            ["type": "integer", "minimum": 1]
        ),
        (
            "RateLimit-Policy", "How many requests (q) a caller may make in how many seconds (w).",
            Schema.string
        ),
        (
            "RateLimit", "How many requests are left (r), and after how many seconds there are more (t).",
            Schema.string
        ),
    ]

    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/headers/\(name)")] }

    /// The headers that a good answer may have.
    static func of(_ reply: Route.Reply, _ route: Route, _ document: Document) -> [JSON.Member] {
        var names = ["X-Request-ID", "RateLimit-Policy", "RateLimit"]
        if document.schema(reply.schema)?["properties"]?["version"] != nil { names.append("ETag") }
        if route.method == .post, reply.status == 201 || reply.status == 202 { names.append("Location") }
        if route.headers.contains(where: { $0.name == "Idempotency-Key" }) {
            names.append("Idempotent-Replay")
        }
        if route.queries.contains(where: { $0.name == "cursor" }) { names.append("Link") }
        return names.map { .init($0, reference($0)) }
    }
}
