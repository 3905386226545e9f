import Core
import Crypto
import Foundation
import HTTPTypes
import Store
import Synchronization

/// Who is asking, once a key was shown.
struct Principal: Sendable, Hashable {
    let workspace: ID
    let user: ID
    let role: Store.Role

    var mayWrite: Bool { role != .viewer }
    var mayOperate: Bool { role == .owner || role == .admin }
}

/// Knows callers by their API key, and remembers them for a few seconds.
final class Doorkeeper: Sendable {
    private let keys: Store.Keys
    private let known = Mutex<[SHA256Digest: (principal: Principal, until: ContinuousClock.Instant)]>([:])

    init(_ keys: Store.Keys) { self.keys = keys }

    /// Throws `Failure(.unauthorized)` without a key, and with one that is unknown or revoked.
    func principal(_ headers: HTTPFields) async throws -> Principal {
        guard let key = Self.key(headers) else {
            throw Failure(
                .unauthorized, "Show an API key: Authorization: Bearer <key>, or X-API-Key: <key>.")
        }
        // The plain key is not kept in memory longer than the request.
        let digest = SHA256.hash(data: Array(key.utf8))
        if let principal = remembered(digest) { return principal }
        guard let holder = try await keys.find(key) else {
            throw Failure(.unauthorized, "This API key is unknown or was revoked.")
        }
        let principal = Principal(workspace: holder.workspace, user: holder.user, role: holder.role)
        remember(digest, principal)
        return principal
    }

    private static func key(_ headers: HTTPFields) -> String? {
        let longest = 512
        if let key = headers[.apiKey], !key.isEmpty, key.utf8.count <= longest { return key }
        guard let text = headers[.authorization], text.utf8.count <= longest else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    private func remembered(_ digest: SHA256Digest) -> Principal? {
        known.withLock { known in
            guard let entry = known[digest], entry.until > .now else { return nil }
            return entry.principal
        }
    }

    private func remember(_ digest: SHA256Digest, _ principal: Principal) {
        known.withLock { known in
            if known.count >= Limits.keysRemembered { known.removeAll() }
            known[digest] = (principal, .now + Limits.keyMemory)
        }
    }
}
