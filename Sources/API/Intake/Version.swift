import Core
import HTTPTypes
import Hummingbird

extension Call {
    /// The version that `If-Match` asks for; nil when any will do.
    var wantedVersion: Int? {
        get throws {
            guard let text = request.headers[.ifMatch], text != "*" else { return nil }
            let digits = text.filter { $0 != "\"" }
            // Some clients take the quotes off.
            guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) })
            else {
                throw Failure(.invalid, "If-Match must be one ETag as it was given, in quotes, or *.")
            }
            return Int(digits)
        }
    }

    /// Runs an update; where `If-Match` does not hold, the answer is 412.
    func guarded<Row>(_ update: (Int?) async throws -> Row) async throws -> Row {
        let version = try wantedVersion
        do { return try await update(version) } catch let failure as Failure
            where failure.kind == .conflict && version != nil
        {
            throw Problem.stale
        }
    }
}

extension Answer {
    /// 304 without a body where the caller has the row as it is: `If-None-Match` names its ETag.
    func unless(_ request: Request) -> Answer {
        guard request.method == .get || request.method == .head, status == .ok, let tag = headers[.eTag],
            let known = request.headers[.ifNoneMatch]
        else { return self }
        let tags = known.split(separator: ",").map { $0.filter { $0 != " " } }
        guard tags.contains(where: { $0 == "*" || $0 == tag || $0 == "W/\(tag)" }) else { return self }
        var answer = Answer.empty
        answer.status = .notModified
        answer.headers = headers
        answer.headers[.contentType] = nil
        return answer
    }
}
