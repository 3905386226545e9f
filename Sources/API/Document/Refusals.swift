import Core

/// The refusals that routes share, each with an example.
enum Refusals {
    static let responses: [JSON.Member] = all.map { status, slug, title, detail in
        var example: [JSON.Member] = [
            .init("type", .string("urn:atom:problem:\(slug)")), .init("title", .string(title)),
            .init("status", .integer(Int64(status))), .init("detail", .string(detail)),
        ]
        if status == 422 { example.append(.init("pointer", "/title")) }
        example.append(.init("request_id", "01JD7Y3Q8ZK4M0XW9V2T5B6C7D"))
        var headers: [JSON.Member] = [.init("X-Request-ID", Headers.reference("X-Request-ID"))]
        if status == 429 || status == 503 {
            headers.append(.init("Retry-After", Headers.reference("Retry-After")))
        }
        return .init(
            "Refused\(status)",
            [
                "description": .string(title), "headers": .object(headers),
                "content": [
                    "application/problem+json": [
                        "schema": Schema.named("Problem"), "example": .object(example),
                    ]
                ],
            ])
    }

    private static let all: [(Int, String, String, String)] = [
        (400, "invalid", "Bad Request", "The body is no JSON: it ends too early at byte 12."),
        (401, "unauthorized", "Unauthorized", "This API key is unknown or was revoked."),
        (403, "forbidden", "Forbidden", "A viewer may only read."),
        (404, "missing", "Not Found", "There is no such task."),
        (405, "method", "Method Not Allowed", "This path takes GET, HEAD."),
        (406, "not-acceptable", "Not Acceptable", "This is answered as JSON only."),
        (409, "conflict", "Conflict", "A request with this Idempotency-Key is being worked on."),
        (412, "precondition", "Precondition Failed", "It was changed meanwhile. Read it again and repeat."),
        (413, "too-large", "Content Too Large", "The body may have 262144 bytes at most."),
        (414, "too-long", "URI Too Long", "The path and query may have 8192 bytes at most."),
        (415, "content-type", "Unsupported Media Type", "The Content-Type must be application/json."),
        (422, "unprocessable", "Unprocessable Content", "title must not be empty."),
        (429, "quota-exceeded", "Too Many Requests", "More than 6000 requests in 60 seconds. Wait a moment."),
        (503, "unavailable", "Service Unavailable", "Redis does not answer. Try again in a moment."),
    ]
}
