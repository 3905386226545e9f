import Core
import HTTPTypes
import Hummingbird
import Logging
import Queue
import Redis
import Store
import Synchronization

/// Counts requests against the quota of whoever asks, together with all other processes of the API.
///
/// Who shows a key or a session counts by that, everybody else by address. While Redis is away or full,
/// requests pass: a limit is there for comfort, and nobody is locked out for the lack of it.
final class Gate: Sendable {
    /// How long nothing is counted after Redis did not answer, so that requests need not wait for it.
    private static let rest: Duration = .seconds(2)
    /// What is asked by machines that watch, and must be answered whatever else is going on.
    private static let free: Set = [
        "/api/health/live", "/api/health/ready", "/api/health/status", "/metrics",
    ]
    /// Where guesses at secrets are made.
    private static let entries: Set = ["/api/auth/login", "/api/auth/register", "/api/auth/refresh"]

    private let house: API.House
    private let resting = Mutex<ContinuousClock.Instant?>(nil)

    init(_ house: API.House) { self.house = house }

    /// Who asks, as `check` finds it, once the request may pass. Throws what `check` throws, and 429.
    func admit(
        _ route: Route, _ request: Request, _ visit: Visit, _ check: () async throws -> Principal?
    ) async throws -> Principal? {
        do {
            let principal = try await check()
            visit.memo.principal = principal
            try await count(route, request, visit)
            return principal
        } catch let failure as Failure where failure.kind == .unauthorized {
            try await count(route, request, visit)
            throw failure
        }
    }

    private func count(_ route: Route, _ request: Request, _ visit: Visit) async throws {
        guard let quota = quota(of: route) else { return }
        let isEntry = quota == house.settings.entryQuota
        let subject = isEntry ? nil : visit.memo.principal.map(\.subject)
        try await take(subject ?? address(request, visit.address), quota, visit.memo)
    }

    /// Counts a call of a provider against the hook that it is for, so that none takes the room of another;
    /// against the address of the caller where there is no such hook.
    func count(_ call: Call, to hook: Store.Hooks.Entry?) async throws {
        if let hook {
            guard let quota = house.settings.hookQuota else { return }
            try await take("\(hook.connection)", quota, call.memo)
        } else if let quota = house.settings.quota {
            try await take(address(call.request, call.peer), quota, call.memo)
        }
    }

    /// Throws 429 where there is no room left.
    private func take(_ subject: String, _ quota: Quota, _ memo: Memo) async throws {
        guard let allowance = await take(subject, quota) else { return }
        memo.allowance = allowance
        guard allowance.passes else { throw Problem.exceeded(allowance) }
    }

    /// Nil where requests are not counted.
    private func quota(of route: Route) -> Quota? {
        // A call of a provider is counted when it is known whose it is.
        if Self.free.contains(route.path) || route.path == Routes.Hooks.path { return nil }
        if route.method == .post, Self.entries.contains(route.path) { return house.settings.entryQuota }
        return house.settings.quota
    }

    private func take(_ subject: String, _ quota: Quota) async -> Allowance? {
        guard resting.withLock({ $0 }).map({ $0 < .now }) ?? true else { return nil }
        do {
            return try await Allowance.take(
                subject, of: quota, on: house.redis, prefix: house.queueSettings.prefix)
        } catch {
            // One line in each rest, however many requests come.
            let isFirst = resting.withLock { until in
                defer { until = .now + Self.rest }
                return until.map { $0 < .now } ?? true
            }
            if isFirst { house.log.warning("requests are not counted", metadata: ["error": "\(error)"]) }
            return nil
        }
    }

    /// The address of the caller: what the last proxy that we trust says, else the connection's other end.
    private func address(_ request: Request, _ peer: String?) -> String {
        let hops = house.settings.proxies
        let named = request.headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }
        guard hops > 0, named.count >= hops else { return Network.of(peer ?? "unknown") }
        let address = named[named.count - hops].filter { $0 != " " }
        return Network.of(String(address.prefix(64)))
    }
}

/// What counts as one caller among addresses.
enum Network {
    /// An IPv4 address as it is; of an IPv6 address the half that names a network, for one person has many.
    static func of(_ address: String) -> String {
        let plain =
            address.hasPrefix("::ffff:") && address.contains(".") ? String(address.dropFirst(7)) : address
        guard plain.contains(":") else { return plain }
        let head = plain.split(separator: "%")[0]
        let halves = head.firstRange(of: "::").map { head[..<$0.lowerBound] } ?? head
        let groups = halves.split(separator: ":").prefix(4)
        return groups.joined(separator: ":") + "::/64"
    }
}

extension Allowance {
    /// The headers of the IETF's draft: structured fields (RFC 9651) that a client's library reads.
    var headers: [(name: HTTPField.Name, value: String)] {
        let window_s = quota.window.milliseconds / 1_000
        return [
            (.rateLimitPolicy, "\"\(quota.name)\";q=\(quota.units);w=\(window_s)"),
            (.rateLimit, "\"\(quota.name)\";r=\(rest);t=\(max(1, (reset.milliseconds + 999) / 1_000))"),
        ]
    }
}

extension HTTPField.Name {
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
    static let rateLimit = HTTPField.Name("RateLimit")!
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}

extension Principal {
    /// Who it is, for the quota: the session or key that was shown.
    var subject: String { "\(workspace):\(session ?? key ?? user)" }
}
