import HTTPTypes
import Hummingbird

/// Knows which methods a path takes, for the answer to a wrong one.
struct RouteMap: Sendable {
    private let entries: [(parts: [Substring], method: HTTPRequest.Method)]

    init(_ routes: [Route]) {
        entries = routes.map { (Self.split($0.path), $0.method) }
    }

    /// 405 when the path is known with other methods, else 404.
    func refusal(of request: Request) -> Problem {
        let parts = Self.split(request.uri.path)
        let methods = entries.filter { Self.matches($0.parts, parts) }.map(\.method)
        guard !methods.isEmpty else { return .noPath }
        let names = Set(methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : []))
        return .wrongMethod(allowed: names.sorted().joined(separator: ", "))
    }

    private static func split(_ path: some StringProtocol) -> [Substring] {
        path.split(separator: "/").map { Substring($0) }
    }

    private static func matches(_ template: [Substring], _ parts: [Substring]) -> Bool {
        template.count == parts.count && zip(template, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
