import Core
import Crypto
import Store

/// Changes keys while everything runs: master keys, and on wish the keys of workspaces under them.
///
/// Each step puts a secret, sealed anew, in the place of exactly what was read, so that readers find the old
/// or the new one and no change of somebody else is lost. Stopped at any step, it goes on when it is run
/// again.
package struct Rotation: Sendable {
    private let vault: Vault

    /// What was done.
    package struct Figures: Sendable, Hashable {
        /// Keys of workspaces that the first master key seals now.
        package var keys = 0
        /// Secrets that a new key of their workspace seals now.
        package var secrets = 0
    }

    package init(_ vault: Vault) { self.vault = vault }

    /// Seals every workspace's keys with the first master key. Afterwards no other one is needed.
    package func renewMasters() async throws -> Figures {
        var (figures, last) = (Figures(), ID?.none)
        let (keys, master) = (vault.store.workspaceKeys, vault.masters.keys[0])
        while true {
            let entries = try await keys.list(sealedWithout: master.name, after: last)
            guard let end = entries.last else { return figures }
            last = end.id
            for entry in entries {
                let plain = try vault.key(entry).withUnsafeBytes { Array($0) }
                let text = try Vault.seal(plain, Vault.place(entry.workspace, entry.id), master.key)
                if try await keys.reseal(entry, by: master.name, as: text) { figures.keys += 1 }
            }
        }
    }

    /// How long a key stays after the one that followed it, for what jobs hold: the token of an invitation,
    /// sealed for its mail, is good for seven days.
    package static let rest: Duration = .seconds(30 * 86_400)

    /// Lets the keys of workspaces go that nothing is sealed with any more. Answers how many.
    package func dropUnused(after rest: Duration = Self.rest, at now: Moment = .now) async throws -> Int {
        let edge = now - rest
        return try await overWorkspaces {
            try await vault.store.workspaceKeys.prune($0, followedBefore: edge)
        }
    }

    /// Gives every workspace a new key and seals its secrets with it. What others seal beside connections
    /// opens with the keys before, which stay as long as something does.
    package func renewSecrets() async throws -> Figures {
        Figures(secrets: try await overWorkspaces { try await renewSecrets(of: $0) })
    }

    /// The sum of what `work` does in each workspace that has keys.
    private func overWorkspaces(_ work: (ID) async throws -> Int) async throws -> Int {
        var (sum, last) = (0, ID?.none)
        while true {
            let workspaces = try await vault.store.workspaceKeys.workspaces(after: last)
            guard let end = workspaces.last else { return sum }
            last = end
            for workspace in workspaces { sum += try await work(workspace) }
        }
    }

    package func renewSecrets(of workspace: ID) async throws -> Int {
        let number = try await vault.store.workspaceKeys.list(workspace).last?.number ?? 0
        let (key, _) = try await vault.add(number + 1, to: workspace)
        let store = vault.store.scoped(Scope(workspace: workspace))
        var (count, last) = (0, ID?.none)
        while true {
            let batch = try await store.connections.list(sealedWithout: key, after: last)
            guard let end = batch.last else { return count }
            last = end.id
            count += try await store.transaction { store in
                var count = 0
                for (id, sealed) in batch where try await renew(sealed, of: id, workspace, store) {
                    count += 1
                }
                return count
            }
        }
    }

    private func renew(
        _ sealed: Store.Connections.Sealed, of id: ID, _ workspace: ID, _ store: Store
    ) async throws -> Bool {
        let (vault, place) = (Vault(vault, over: store), Connections.place(id))
        let plain = try await vault.open(sealed.text, key: sealed.key, for: place, in: workspace)
        let (key, text) = try await vault.seal(plain, for: place, in: workspace)
        return try await store.connections.reseal(sealed, of: id, key: key, as: text)
    }
}
