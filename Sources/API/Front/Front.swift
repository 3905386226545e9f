import Core
import HTTPTypes
import Hummingbird
import Logging

/// What every request passes through: it names, counts and logs it, and puts each refusal into words.
struct Front: HTTPResponder {
    let inner: RouterResponder<Visit>
    let office: Office
    let map: RouteMap

    func respond(to request: Request, context: Visit) async throws -> Response {
        let began = ContinuousClock.now
        var visit = context
        visit.requestID = RequestID.of(request)
        var response = try await answer(request, visit)
        decorate(&response, request, visit)
        record(request, response, visit, took: ContinuousClock.now - began)
        if request.method != .get, response.status.code < 300 { office.house.announce() }
        return response
    }

    private func answer(_ request: Request, _ visit: Visit) async throws -> Response {
        do {
            guard request.uri.string.utf8.count <= Limits.target else { throw Problem.longTarget }
            if let preflight = try Origins(office.settings).preflight(request) { return preflight }
            let response = try await inner.respond(to: request, context: visit)
            // The router answers what it does not know with an empty 404 of its own.
            guard visit.endpointPath != Self.unknown else { throw map.refusal(of: request) }
            return response
        } catch let lost as Lost {
            // The connection is gone or speaks no HTTP; the server closes it.
            throw lost.error
        } catch {
            return refuse(error, visit)
        }
    }

    private func refuse(_ error: any Error, _ visit: Visit) -> Response {
        let problem = Problem(error)
        if problem.status.code >= 500 {
            visit.logger.warning(
                "a request failed", metadata: ["request": "\(visit.requestID)", "error": "\(error)"])
        }
        return problem.response(to: visit.requestID)
    }

    private func decorate(_ response: inout Response, _ request: Request, _ visit: Visit) {
        response.headers[.requestID] = visit.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        for (name, value) in visit.memo.allowance?.headers ?? [] { response.headers[name] = value }
        response.headers[.referrerPolicy] = "no-referrer"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        Origins(office.settings).mark(&response, request)
    }

    private func record(_ request: Request, _ response: Response, _ visit: Visit, took: Duration) {
        let path = visit.endpointPath ?? Self.unknown
        let route = path == Self.unknown ? "none" : path
        office.meter.count(
            Meter.Series(method: request.method, route: route, status: response.status.code), took: took)
        office.settings.onAnswer?(request.method.rawValue, route, response.status.code)
        guard visit.logger.logLevel <= .info else { return }
        // The route and not the path, which may hold what is nobody else's.
        var line: Logger.Metadata = [
            "request": "\(visit.requestID)", "method": "\(request.method.rawValue)", "route": "\(route)",
            "status": "\(response.status.code)", "ms": "\(took.milliseconds)",
        ]
        if let principal = visit.memo.principal { line["workspace"] = "\(principal.workspace)" }
        visit.logger.info("request", metadata: line)
    }

    /// What the router calls a path that it does not have.
    private static let unknown = "NotFound"
}

/// An error on the way in that no answer can reach.
struct Lost: Error {
    let error: any Error
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-ID")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let apiKey = HTTPField.Name("X-API-Key")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotentReplay = HTTPField.Name("Idempotent-Replay")!
    static let traceparent = HTTPField.Name("traceparent")!
    static let link = HTTPField.Name("Link")!
}
