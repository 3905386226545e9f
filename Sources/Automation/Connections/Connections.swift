import Core
import Integrations
import Store
import Workspace

/// Opens connections: finds the row, unseals what it gets in with, and makes the line.
package struct Connections: Sendable {
    let store: Store
    let integrations: Integrations
    let vault: Vault

    package init(_ store: Store, _ integrations: Integrations, _ vault: Vault) {
        self.store = store
        self.integrations = integrations
        self.vault = vault
    }

    /// The connection of a provider that works and is oldest; nil where the workspace has none.
    package func usual(_ provider: Provider, in workspace: ID) async throws -> Connection? {
        let store = scoped(workspace)
        guard let row = try await store.connections.usual(provider.name) else { return nil }
        return try await open(row, store, workspace)
    }

    /// Throws `missing` for an unknown one, `conflict` for one that cannot be used.
    package func open(_ id: ID, in workspace: ID) async throws -> Connection {
        let store = scoped(workspace)
        return try await open(try await store.rows(.connections).require(id), store, workspace)
    }

    /// Makes a connection. `fields` are those of the provider's entrance; the secret ones are sealed.
    package func add(
        _ provider: Provider, _ name: String, _ fields: [String: String], through store: Store
    ) async throws -> Item {
        try await add(provider, name, Grant(fields: fields), through: store)
    }

    /// Seals and keeps credentials, if those of `turn` are still there.
    func keep(
        _ credentials: Credentials, of id: ID, _ place: (turn: Int, expiresAt: Moment?), through store: Store
    ) async throws -> Bool {
        let workspace = try store.workspaceInScope
        let (key, text) = try await Vault(vault, over: store).seal(
            JSON.object(of: credentials.timed(at: .now).fields).bytes, for: Self.place(id), in: workspace)
        return try await store.connections.keep(
            .init(key: key, text: text, expiresAt: place.expiresAt, turn: place.turn), of: id)
    }

    /// What a connection gets in with: the settings that people see, and what is sealed.
    ///
    /// - Parameter isWiping: has a secret whose time is over go from what is kept as well; not within a
    ///   transaction.
    func credentials(
        _ row: Item, _ sealed: Store.Connections.Sealed?, _ workspace: ID, isWiping: Bool = false
    ) async throws -> Credentials {
        guard let sealed else { return Credentials(row["settings"].texts) }
        let kept = try await secrets(sealed, of: row.id, workspace)
        let secrets = kept.timed(at: .now)
        if isWiping, secrets != kept {
            let (key, text) = try await vault.seal(
                JSON.object(of: secrets.fields).bytes, for: Self.place(row.id), in: workspace)
            _ = try await scoped(workspace).connections.reseal(sealed, of: row.id, key: key, as: text)
        }
        return Credentials(row["settings"].texts.merging(secrets.fields) { $1 })
    }

    /// What is sealed, as it lies there.
    private func secrets(
        _ sealed: Store.Connections.Sealed, of id: ID, _ workspace: ID
    ) async throws -> Credentials {
        do {
            return try await opened(sealed, of: id, workspace)
        } catch let failure as Failure where failure.kind == .broken {
            // A rotation may have sealed it anew since it was read, and let the key before go.
            guard let now = try await scoped(workspace).connections.sealed(id), now.key != sealed.key else {
                throw failure
            }
            return try await opened(now, of: id, workspace)
        }
    }

    private func opened(
        _ sealed: Store.Connections.Sealed, of id: ID, _ workspace: ID
    ) async throws -> Credentials {
        let plain = try await vault.open(sealed.text, key: sealed.key, for: Self.place(id), in: workspace)
        return Credentials(try JSONParser.parse(plain).texts)
    }

    private func open(_ row: Item, _ store: Store, _ workspace: ID) async throws -> Connection {
        let provider = try Providers.named(row["provider"].string ?? "")
        guard row["status"].string == ConnectionStatus.active.rawValue else {
            throw Failure(
                .conflict, "The connection \"\(row["name"].string ?? "")\" cannot be used; connect it anew.")
        }
        let sealed = try await store.connections.sealed(row.id)
        let credentials = try await credentials(row, sealed, workspace, isWiping: true)
        var line = try integrations.line(to: provider, credentials, base: credentials["base_url"])
        let turn = sealed?.turn ?? 0
        line.onLockout = { await lockOut(row.id, in: workspace, turn: turn, $0) }
        if let sealed, credentials["refresh_token"] != nil {
            let held = Renewal.Held(credentials, sealed)
            let renewal = Renewal(self, row, in: workspace, held)
            line.renew = { try await renewal.credentials(refused: $0) }
            line.onLockout = { await renewal.lockOut($0) }
        }
        return Connection(
            id: row.id, workspace: workspace, provider: provider, name: row["name"].string ?? "",
            settings: row["settings"], line: line)
    }

    func scoped(_ workspace: ID) -> Store { store.scoped(Scope(workspace: workspace)) }

    static func place(_ id: ID) -> String { "connections/\(id)/credentials" }
}

extension Provider {
    /// The fields that people may see, and the secret ones.
    func parted(_ fields: [String: String]) -> (open: [String: String], secret: [String: String]) {
        let secret = Set(entrance.fields.filter(\.isSecret).map(\.name))
        return (fields.filter { !secret.contains($0.key) }, fields.filter { secret.contains($0.key) })
    }
}

extension JSON {
    /// An object of texts.
    static func object(of texts: [String: String]) -> JSON {
        .object(texts.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }

    /// The members that are texts.
    var texts: [String: String] {
        Dictionary((members ?? []).compactMap { member in member.value.string.map { (member.name, $0) } }) {
            $1
        }
    }
}

extension Store {
    /// The workspace that this store works for. Throws `broken` for one that works across them.
    var workspaceInScope: ID {
        get throws(Failure) {
            guard let scope else { throw Failure(.broken, "Connections need a scope.") }
            return scope.workspace
        }
    }
}
