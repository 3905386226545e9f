import Core
import Store

/// One outward call as the ledger knows it: whose it is, what names it, and what exactly is asked.
package struct Effect: Sendable {
    package let workspace: ID
    /// Names the effect within the workspace, the same on every attempt.
    package let key: String
    package var provider: String { intent.provider }
    let intent: Store.Effects.Intent

    /// - Parameters:
    ///   - requestHash: a digest of the request, the same on every attempt.
    ///   - attempt: the number of the delivery.
    package init(workspace: ID, key: String, provider: String, requestHash: String, job: ID, attempt: Int) {
        self.workspace = workspace
        self.key = key
        intent = Store.Effects.Intent(
            provider: provider, requestHash: requestHash, job: job, attempt: attempt)
    }
}
