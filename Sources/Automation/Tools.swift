import Integrations
import Store

/// What every job of the product can reach beside its own arguments.
package struct Tools: Sendable {
    package let store: Store
    package let ledger: Ledger
    package let integrations: Integrations
    package let uploads: Uploads
    package let vault: Vault
    package let connections: Connections
    /// The secrets that sign what a workspace is told; nil where nothing is signed.
    package let callbackSecret: (@Sendable (_ workspace: String) -> String)?
    /// Where others reach us, such as `https://atom.example.org`; nil where nobody has said.
    package var publicURL: String?

    package init(
        store: Store, integrations: Integrations, uploads: Uploads, masters: MasterKeys,
        callbackSecret: (@Sendable (_ workspace: String) -> String)? = nil
    ) {
        self.store = store
        self.integrations = integrations
        self.uploads = uploads
        vault = Vault(masters, store)
        connections = Connections(store, integrations, vault)
        ledger = Ledger(store)
        self.callbackSecret = callbackSecret
    }
}
