import Core
import Foundation
import Store

/// Makes the first workspace, its owner and a key, once.
struct FirstStart {
    let store: Store
    let settings: Settings

    /// The key to show, when one was made: it is never shown again.
    func prepare() async throws -> String? {
        let email = settings.adminEmail
        let made: String? = try await store.transaction { [adminKey = settings.adminKey] store in
            if let first = try await store.workspaces.list(limit: 1).first {
                if let adminKey { try await Self.adopt(adminKey, in: first.id, email, store) }
                return nil
            }
            let workspace = Store.Workspaces.Entry(name: "Default")
            try await store.workspaces.create(workspace)
            try await store.users.create(
                .init(workspace: workspace.id, email: email, name: "Administrator", role: .owner))
            if let adminKey {
                try await Self.adopt(adminKey, in: workspace.id, email, store)
                return nil
            }
            guard let user = try await store.users.find(workspace.id, email: email) else { return nil }
            return try await store.keys.create(workspace.id, user: user.id, name: "first key").plain
        }
        if let made { try keep(made) }
        return made
    }

    /// Makes a key from the settings known, for whoever has its address or else the owner.
    private static func adopt(_ key: String, in workspace: ID, _ email: String, _ store: Store) async throws {
        let known = try await store.users.find(workspace, email: email)
        let owner = try await store.users.list(workspace).first { $0.role == .owner }
        guard let user = known ?? owner else { return }
        _ = try await store.keys.adopt(workspace, user: user.id, name: "ATOM_ADMIN_KEY", plain: key)
    }

    /// Keeps the key where only this user can read it, so that `atom jobs` and `atom tour` find it.
    private func keep(_ key: String) throws {
        let path = settings.keyFile
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Failure(.unavailable, "\(path) cannot be written.") }
    }
}
