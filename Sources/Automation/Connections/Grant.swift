import Core
import Integrations
import Store
import Workspace

extension Connections {
    /// What a connection is made of: the fields that were filled in, and the tokens of a consent.
    package struct Grant: Sendable {
        package let fields: [String: String]
        let tokens: OAuth.Tokens?
        private let wanted: [String]

        /// - Parameter scopes: what was asked for, and holds where the provider does not say what it granted.
        package init(fields: [String: String], tokens: OAuth.Tokens? = nil, scopes: [String] = []) {
            self.fields = fields
            self.tokens = tokens
            wanted = scopes
        }

        func secrets(of provider: Provider) -> Credentials {
            Credentials(provider.parted(fields).secret.merging(tokens?.fields ?? [:]) { $1 })
        }

        func settings(of provider: Provider) -> JSON { .object(of: provider.parted(fields).open) }

        var scopes: JSON {
            let granted = tokens?.scopes ?? []
            return .array(
                (granted.isEmpty ? wanted : granted).prefix(50).map { .string(String($0.prefix(200))) })
        }
    }

    /// Makes a connection. Throws `conflict` where the provider has one of this name.
    package func add(
        _ provider: Provider, _ name: String, _ grant: Grant, through store: Store
    ) async throws -> Item {
        try await store.transaction { store in
            let item = try await store.rows(.connections).create(
                Values([
                    "provider": .string(provider.name), "name": .string(name),
                    "settings": grant.settings(of: provider), "scopes": grant.scopes,
                ]))
            _ = try await keep(
                grant.secrets(of: provider), of: item.id, (0, grant.tokens?.expiresAt),
                through: store)
            return item
        }
    }

    /// Puts what a connection gets in with in the place of what it was. Throws `missing`.
    package func connect(_ id: ID, _ grant: Grant, through store: Store) async throws -> Item {
        try await store.transaction { store in
            let row = try await store.rows(.connections).require(id)
            let provider = try Providers.named(row["provider"].string ?? "")
            let sealed = try await store.connections.sealed(id)
            let secrets = grant.secrets(of: provider).changed(
                by: await callSecrets(row, sealed, of: try store.workspaceInScope, without: grant))
            let isKept = try await keep(
                secrets, of: id, (sealed?.turn ?? 0, grant.tokens?.expiresAt), through: store)
            guard isKept else { throw Failure(.conflict, "Somebody connects it right now; try again.") }
            return try await store.rows(.connections).update(
                id,
                Values([
                    "status": JSON(ConnectionStatus.active), "health": "unknown", "last_error": .null,
                    "settings": grant.settings(of: provider), "scopes": grant.scopes,
                ]))
        }
    }

    /// What its calls to us are checked with, unless `grant` brings that: the service goes on to call. None
    /// where the old secrets cannot be opened.
    private func callSecrets(
        _ row: Item, _ sealed: Store.Connections.Sealed?, of workspace: ID, without grant: Grant
    ) async -> [String: String] {
        guard grant.fields["webhook_secret"] == nil else { return [:] }
        do {
            let old = try await credentials(row, sealed, workspace)
            return old.fields.filter { (Scheme.secrets + [Credentials.formerSecretEnd]).contains($0.key) }
        } catch { return [:] }
    }

    /// Deletes a connection with its secrets, and takes its tokens back where the provider can. False where
    /// the provider did not take them back.
    package func remove(_ id: ID, version: Int?, through store: Store) async throws -> Bool {
        let workspace = try store.workspaceInScope
        let row = try await store.rows(.connections).require(id)
        let sealed = try await store.connections.sealed(id)
        let credentials = try? await credentials(row, sealed, workspace)
        try await store.rows(.connections).delete(id, version: version)
        guard let credentials, let token = credentials["refresh_token"] ?? credentials["access_token"] else {
            return true
        }
        do {
            let provider = try Providers.named(row["provider"].string ?? "")
            guard integrations.takesConsent(provider) else { return false }
            try await integrations.consent(of: provider, credentials).revoke(token)
            return true
        } catch { return false }
    }
}
