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
        let matching = entries.filter { Self.matches($0.parts, parts) }
        // A path with words of its own is another than one with a name in their place.
        let fewest = matching.map { Self.names(in: $0.parts) }.min()
        let methods = matching.filter { Self.names(in: $0.parts) == fewest }.map(\.method)
        guard !methods.isEmpty else { return .noPath }
        let names = Set(methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : []))
        return .wrongMethod(allowed: names.sorted().joined(separator: ", "))
    }

    private static func split(_ path: some StringProtocol) -> [Substring] {
        path.split(separator: "/").map { Substring($0) }
    }

    private static func names(in parts: [Substring]) -> Int { parts.count { $0.hasPrefix("{") } }

    private static func matches(_ template: [Substring], _ parts: [Substring]) -> Bool {
        template.count == parts.count && zip(template, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
