import HTTPTypes
import Hummingbird

/// Which pages of the web may call the API (CORS).
struct Origins {
    private let allowed: Set<String>

    init(_ settings: API.Settings) { allowed = settings.allowedOrigins }

    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    private static let requestHeaders =
        "Authorization, X-API-Key, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"
    private static let answerHeaders =
        "Location, Link, ETag, Retry-After, Idempotent-Replay, X-Request-ID, RateLimit, RateLimit-Policy"

    private func admits(_ origin: String) -> Bool { allowed.contains(origin) || allowed.contains("*") }

    /// The answer to a browser that asks before it calls; nil when this is no such question.
    func preflight(_ request: Request) throws -> Response? {
        guard request.method == .options, let origin = request.headers[.origin],
            request.headers[.accessControlRequestMethod] != nil
        else { return nil }
        guard admits(origin) else {
            throw Problem(.forbidden, "origin", "This origin is not allowed to call the API.")
        }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: Self.methods, .accessControlAllowHeaders: Self.requestHeaders,
                .accessControlMaxAge: "600",
            ])
    }

    /// Tells the browser that the page may read this answer.
    func mark(_ response: inout Response, _ request: Request) {
        guard !allowed.isEmpty else { return }
        response.headers[.vary] = "Origin"
        guard let origin = request.headers[.origin], admits(origin) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.answerHeaders
    }
}
