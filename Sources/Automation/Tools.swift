import Integrations
import Store

/// What every job of the product can reach beside its own arguments.
package struct Tools: Sendable {
    package let store: Store
    package let ledger: Ledger
    package let integrations: Integrations
    package let uploads: Uploads

    package init(store: Store, integrations: Integrations, uploads: Uploads) {
        self.store = store
        self.integrations = integrations
        self.uploads = uploads
        ledger = Ledger(store)
    }
}
