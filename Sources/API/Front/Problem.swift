import Core
import HTTPTypes
import Hummingbird
import Queue

/// Why a request is refused, as problem details (RFC 9457). The only file that makes statuses of failures.
struct Problem: Error, Sendable {
    let status: HTTPResponse.Status
    /// The last part of the problem's type, `urn:atom:problem:<slug>`.
    let slug: String
    let detail: String
    var pointer: String?
    /// What is wrong with each of several rows.
    var errors: [JSON] = []
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ slug: String, _ detail: String, at pointer: String? = nil) {
        self.status = status
        self.slug = slug
        self.detail = detail
        self.pointer = pointer
    }

    init(_ failure: Failure) {
        let status = Self.statuses[failure.kind] ?? .internalServerError
        // What broke on our side is for the log; a caller could do nothing with it.
        let detail = failure.kind == .broken ? Self.apology : failure.message
        self.init(status, failure.kind.rawValue, detail, at: failure.pointer)
        switch failure.kind {
        case .limited, .unavailable: wait(failure.retryAfter ?? Self.patience)
        case .unauthorized: headers[.wwwAuthenticate] = "Bearer realm=\"atom\""
        default: break
        }
    }

    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let failure as Failure: self.init(failure)
        default: self.init(.internalServerError, Failure.Kind.broken.rawValue, Self.apology)
        }
    }

    /// The request can be read, but it asks for what makes no sense.
    static func senseless(_ failure: Failure) -> Problem {
        Problem(.unprocessableContent, "unprocessable", failure.message, at: failure.pointer)
    }

    static func tooLarge(_ what: String, limit: Int, at pointer: String? = nil) -> Problem {
        Problem(.contentTooLarge, "too-large", "\(what) may have \(limit) bytes at most.", at: pointer)
    }

    static func wrongType(_ wanted: String) -> Problem {
        Problem(.unsupportedMediaType, "content-type", "The Content-Type must be \(wanted).")
    }

    static let noPath = Problem(
        .notFound, "missing", "There is no such path. GET / lists where to begin.")

    static func wrongMethod(allowed: String) -> Problem {
        var problem = Problem(.methodNotAllowed, "method", "This path takes \(allowed).")
        problem.headers[.allow] = allowed
        return problem
    }

    static let keyMismatch = Problem(
        .unprocessableContent, "idempotency-mismatch",
        "This Idempotency-Key came with another request before. Use a new key for a new request.")

    static let keyInProgress: Problem = {
        var problem = Problem(
            .conflict, "idempotency-in-progress",
            "A request with this Idempotency-Key is being worked on. Try again in a moment.")
        problem.wait(.seconds(1))
        return problem
    }()

    static func exceeded(_ allowance: Allowance) -> Problem {
        let quota = allowance.quota
        var problem = Problem(
            .tooManyRequests, "quota-exceeded",
            "More than \(quota.units) requests in \(quota.window.milliseconds / 1_000) seconds. Wait a bit."
        )
        problem.wait(allowance.reset)
        return problem
    }

    static let longTarget = Problem(
        .uriTooLong, "too-long", "The path and query may have \(Limits.target) bytes at most.")

    static let stale = Problem(
        .preconditionFailed, "precondition",
        "It was changed meanwhile, so If-Match does not hold. Read it again and repeat.")

    mutating func wait(_ duration: Duration) {
        headers[.retryAfter] = String(max(1, (duration.milliseconds + 999) / 1_000))
    }

    func response(to requestID: String) -> Response {
        var members: [JSON.Member] = [
            .init("type", .string("urn:atom:problem:\(slug)")), .init("title", .string(status.reasonPhrase)),
            .init("status", .integer(Int64(status.code))), .init("detail", .string(detail)),
        ]
        if let pointer { members.append(.init("pointer", .string(pointer))) }
        if !errors.isEmpty { members.append(.init("errors", .array(errors))) }
        members.append(.init("request_id", .string(requestID)))
        var answer = Answer(status, .object(members))
        answer.headers = headers
        answer.headers[.contentType] = "application/problem+json"
        return answer.response
    }

    private static let apology =
        "Something failed on our side. It is in the log under this request id; trying again may help."
    private static let patience: Duration = .seconds(2)

    private static let statuses: [Failure.Kind: HTTPResponse.Status] = [
        .invalid: .badRequest, .unauthorized: .unauthorized, .forbidden: .forbidden, .missing: .notFound,
        .conflict: .conflict, .limited: .tooManyRequests, .unavailable: .serviceUnavailable,
        .broken: .internalServerError,
    ]
}

/// Runs checks on a request that could be read: what they find invalid is 422, not 400, and a field that is
/// too large is 413.
func judging<Value>(_ check: () throws -> Value) throws -> Value {
    do { return try check() } catch let failure as Failure { throw judged(failure) }
}

/// The same for checks that look into the tables.
func judging<Value>(_ check: () async throws -> Value) async throws -> Value {
    do { return try await check() } catch let failure as Failure { throw judged(failure) }
}

private func judged(_ failure: Failure) -> any Error {
    switch failure.kind {
    case .invalid: Problem.senseless(failure)
    case .limited where failure.pointer != nil:
        Problem(.contentTooLarge, "too-large", failure.message, at: failure.pointer)
    default: failure
    }
}

extension HTTPResponse.Status {
    /// What a health check answers when something that is needed is missing.
    static let down = HTTPResponse.Status.serviceUnavailable
}
