import Core
import Integrations
import Store
import Workspace

// What the calls of a provider to us are checked with.
extension Connections {
    /// The secrets that are active for the calls of a connection; none where it is turned off.
    package func callSecrets(
        of id: ID, named fields: [String], in workspace: ID
    ) async throws -> [String] {
        let store = scoped(workspace)
        let row = try await store.rows(.connections).require(id)
        guard row["status"].string != ConnectionStatus.disabled.rawValue else { return [] }
        let credentials = try await credentials(
            row, try await store.connections.sealed(id), workspace, isWiping: true)
        return fields.compactMap { credentials[$0] }.filter { !$0.isEmpty }
    }

    /// Has calls checked with another secret from now on; the one before it stays good beside it for a while.
    ///
    /// - Parameter isFirst: only where there is none yet.
    /// - Returns: false where there is one already.
    package func setCallSecret(
        of id: ID, to secret: String, isFirst: Bool = false, in workspace: ID
    ) async throws -> Bool {
        try await scoped(workspace).transaction { store in
            let sealed = try await store.connections.sealed(id)
            var fields: [String: String] = [:]
            if let sealed {
                let plain = try await vault.open(
                    sealed.text, key: sealed.key, for: Self.place(id), in: workspace)
                fields = try JSONParser.parse(plain).texts
            }
            let before = fields["webhook_secret"]
            if isFirst, before?.isEmpty == false { return false }
            guard before != secret else { return true }
            fields["webhook_secret"] = secret
            fields[Credentials.formerSecret] = before
            fields[Credentials.formerSecretEnd] = nil
            let isKept = try await keep(
                Credentials(fields), of: id, (sealed?.turn ?? 0, sealed?.expiresAt),
                through: store)
            guard isKept else {
                throw Failure(.conflict, "Somebody changes this connection right now; try again.")
            }
            return true
        }
    }
}
