import Core
import HTTPTypes
import Hummingbird

extension Call {
    /// The version that `If-Match` asks for; nil when any will do.
    var wantedVersion: Int? {
        get throws {
            guard let text = request.headers[.ifMatch], text != "*" else { return nil }
            guard let version = Int(text.filter { $0 != "\"" }), text.hasPrefix("\""), text.hasSuffix("\"")
            else {
                throw Failure(.invalid, "If-Match must be one ETag as it was given, in quotes, or *.")
            }
            return version
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
