import Accounts
import Core
import Crypto
import Foundation
import HTTPTypes
import Store
import Synchronization

/// Knows callers by their API key or access token, and remembers them for less than a second, so that whoever
/// lost a right has lost it a second later in every process.
package final class Doorkeeper: Sendable {
    /// What callers are remembered by; the plain key is not kept in memory longer than the request.
    private enum Badge: Hashable {
        case key(SHA256Digest)
        case session(ID)
    }

    private typealias Memory = (principal: Principal, until: ContinuousClock.Instant)

    private let store: Store
    private let mint: Mint
    private let known = Mutex<[Badge: Memory]>([:])

    package init(_ store: Store, mint: Mint) {
        self.store = store
        self.mint = mint
    }

    /// Throws `Failure(.unauthorized)` without a key or token, and with one that is not good.
    func principal(_ headers: HTTPFields) async throws -> Principal {
        if let key = headers[.apiKey], !key.isEmpty { return try await holder(of: key) }
        guard let bearer = Self.bearer(headers) else {
            throw Failure(
                .unauthorized,
                "Log in and show the access token, or show an API key: Authorization: Bearer <token or key>.")
        }
        return try await principal(bearer: bearer)
    }

    /// Who shows this access token or API key. Throws `Failure(.unauthorized)`.
    package func principal(bearer: String) async throws -> Principal {
        // What every JSON object begins with in base64url, and none of our keys.
        bearer.hasPrefix("eyJ") ? try await holder(ofToken: bearer) : try await holder(of: bearer)
    }

    /// Lets everybody be looked up anew: somebody lost a right.
    func forget() { known.withLock { $0.removeAll() } }

    private static func bearer(_ headers: HTTPFields) -> String? {
        guard let text = headers[.authorization], text.utf8.count <= AccessToken.longest else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    private func holder(of key: String) async throws -> Principal {
        let refusal = Failure(.unauthorized, "This API key is unknown, expired or was revoked.")
        guard key.utf8.count <= Limits.key else { throw refusal }
        return try await remembering(.key(SHA256.hash(data: Array(key.utf8))), else: refusal) {
            try await store.keys.find(key).map { Principal($0) }
        }
    }

    private func holder(ofToken text: String) async throws -> Principal {
        let refusal = Failure(
            .unauthorized, "This access token is not good, or no longer. Refresh it or log in again.")
        guard let token = try await mint.read(text) else { throw refusal }
        var principal = try await remembering(.session(token.session), else: refusal) {
            try await store.sessions.find(token.session).map { Principal($0) }
        }
        guard principal.account == token.account, principal.workspace == token.workspace else {
            throw refusal
        }
        principal.until = token.expiresAt
        return principal
    }

    private func remembering(
        _ badge: Badge, else refusal: Failure, _ find: () async throws -> Principal?
    ) async throws -> Principal {
        // Counted from before the question: an answer may be old by the time it comes.
        let asked = ContinuousClock.now
        if let principal = remembered(badge, asked) { return principal }
        guard let principal = try await find() else { throw refusal }
        known.withLock { known in
            if known.count >= Limits.keysRemembered { known.removeAll() }
            known[badge] = (principal, asked + Limits.keyMemory)
        }
        return principal
    }

    private func remembered(_ badge: Badge, _ now: ContinuousClock.Instant) -> Principal? {
        let principal = known.withLock { known in
            known[badge].flatMap { $0.until > now ? $0.principal : nil }
        }
        guard let until = principal?.until else { return principal }
        return until > .now ? principal : nil
    }
}
