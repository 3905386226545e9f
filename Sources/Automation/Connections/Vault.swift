import Core
import Crypto
import Foundation
import Store

/// Seals what must not be read in the database: each workspace has a key of its own, which a master key
/// seals.
///
/// What is sealed says for which row and field it is, so that it opens in no other place.
package struct Vault: Sendable {
    let masters: MasterKeys
    let store: Store

    package init(_ masters: MasterKeys, _ store: Store) {
        self.masters = masters
        self.store = store
    }

    /// The same vault, which keeps new keys through `store`: within its transaction.
    package init(_ vault: Vault, over store: Store) { self.init(vault.masters, store) }

    /// Seals `plain` for one place, such as `connections/<id>/credentials`; the key's id is needed to open
    /// it.
    package func seal(
        _ plain: [UInt8], for place: String, in workspace: ID
    ) async throws -> (key: ID, text: String) {
        let (id, key) = try await newest(workspace)
        return (id, try Self.seal(plain, "\(workspace)/\(place)", key))
    }

    /// Throws `broken` for what was sealed elsewhere, or was changed since.
    package func open(
        _ text: String, key id: ID, for place: String, in workspace: ID
    ) async throws -> [UInt8] {
        guard let entry = try await store.workspaceKeys.find(workspace, id) else {
            throw Failure(.broken, "The key of a secret is gone.")
        }
        return try Self.open(text, "\(workspace)/\(place)", try key(entry))
    }

    /// A mark that only this house can put on `text`, such as `text` for `consent`.
    package func mark(_ text: String, for use: String) -> String {
        Base64.urlText(Array(Self.code(text, use, masters.keys[0].key)))
    }

    /// True when `mark` was put on `text` for this use, under any of the master keys.
    package func isMarked(_ text: String, _ mark: String, for use: String) -> Bool {
        guard let bytes = Base64.bytes(urlText: mark) else { return false }
        return masters.keys.contains { _, key in
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes, authenticating: Array(text.utf8), using: Self.key(for: use, key))
        }
    }

    private static func code(_ text: String, _ use: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: Self.key(for: use, key))
    }

    /// A key of its own for each use, so that what is said for one says nothing for another.
    private static func key(for use: String, _ master: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, info: Array("atom/\(use)".utf8), outputByteCount: MasterKeys.length)
    }
}

extension Vault {
    private func newest(_ workspace: ID) async throws -> (ID, SymmetricKey) {
        if let entry = try await store.workspaceKeys.list(workspace).last {
            return (entry.id, try key(entry))
        }
        return try await add(1, to: workspace)
    }

    /// The key with this number: of any that processes make at once, all take the one that is kept.
    func add(_ number: Int, to workspace: ID) async throws -> (ID, SymmetricKey) {
        let (id, key, master) = (ID(), SymmetricKey(size: .bits256), masters.keys[0])
        let plain = key.withUnsafeBytes { Array($0) }
        try await store.workspaceKeys.add(
            .init(
                workspace: workspace, id: id, number: number, master: master.name,
                sealed: try Self.seal(plain, Self.place(workspace, id), master.key)))
        guard let kept = try await store.workspaceKeys.list(workspace).last, kept.number >= number else {
            throw Failure(
                .unavailable, "The key of the workspace is being made; try again.", retryAfter: .seconds(1))
        }
        return (kept.id, try self.key(kept))
    }

    func key(_ entry: Store.WorkspaceKeys.Entry) throws -> SymmetricKey {
        guard let master = masters.keys.first(where: { $0.name == entry.master }) else {
            throw Failure(
                .unavailable, "The master key \"\(entry.master)\" is not set; add it to ATOM_MASTER_KEYS.")
        }
        return SymmetricKey(
            data: try Self.open(entry.sealed, Self.place(entry.workspace, entry.id), master.key))
    }

    static func place(_ workspace: ID, _ key: ID) -> String { "\(workspace)/keys/\(key)" }

    static func seal(_ plain: [UInt8], _ place: String, _ key: SymmetricKey) throws -> String {
        let box = try AES.GCM.seal(plain, using: key, authenticating: Array(place.utf8))
        guard let bytes = box.combined else { throw Failure(.broken, "A secret could not be sealed.") }
        return bytes.base64EncodedString()
    }

    static func open(_ text: String, _ place: String, _ key: SymmetricKey) throws -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(combined: Data(base64Encoded: text) ?? Data())
            return Array(try AES.GCM.open(box, using: key, authenticating: Array(place.utf8)))
        } catch { throw Failure(.broken, "A secret does not open: it was sealed for another place or key.") }
    }
}
