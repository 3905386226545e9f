import Accounts
import Store
import Synchronization

/// Makes and reads access tokens with the secrets of the settings, or else with one that all processes share
/// through the database.
package final class Mint: Sendable {
    private let secrets: Store.Secrets
    private let known: Mutex<Keyring?>

    /// - Parameter keyring: the secrets of the settings, nil where there are none.
    package init(_ secrets: Store.Secrets, keyring: Keyring?) {
        self.secrets = secrets
        known = Mutex(keyring)
    }

    func sign(_ token: AccessToken) async throws -> String { try await keyring().sign(token) }

    /// Nil where `text` is no token of ours that is good now.
    func read(_ text: String) async throws -> AccessToken? { try await keyring().read(text) }

    private func keyring() async throws -> Keyring {
        if let keyring = known.withLock({ $0 }) { return keyring }
        let keyring = try Keyring(try await secrets.value("access tokens", or: Keyring.fresh))
        known.withLock { $0 = keyring }
        return keyring
    }
}
