import Core
import Store

/// Makes outward calls that must not happen twice: an intent before, a receipt after, and no blind second
/// try.
package struct Ledger: Sendable {
    /// How a call ended, as far as anybody can know.
    package enum Call: Sendable {
        /// It was made; the receipt is kept.
        case made(receipt: JSON)
        /// It certainly was not made; another try may.
        case failed(Failure)
        /// It may have been made.
        case unclear(Failure)
    }

    /// What the job that wanted the call is to do.
    package enum Result: Sendable {
        case receipt(JSON)
        /// It was called before, by an attempt that never learned how the call ended.
        case unknown
    }

    private let store: Store

    package init(_ store: Store) { self.store = store }

    /// Makes the call unless it was made, or may have been made, before.
    ///
    /// - Parameter call: makes the call; called at most once, with the sandbox open for the effect's
    /// workspace.
    /// - Throws: the failure of a call that was certainly not made.
    package func once(_ effect: Effect, call: () async -> Call) async throws -> Result {
        let (workspace, key, intent) = (effect.workspace, effect.key, effect.intent)
        switch try await store.effects.begin(workspace, key: key, intent) {
        case .receipt(let text): return .receipt(try JSONParser.parse(Array(text.utf8)))
        case .unknown: return .unknown
        case .conflict:
            throw Failure(.conflict, "The ledger entry \(key) stands for another request; use another key.")
        case .fresh: break
        }
        switch await SandboxKeeper.$workspace.withValue(workspace, operation: call) {
        case .made(let receipt):
            _ = try await store.effects.receipt(workspace, key: key, receipt.text)
            return .receipt(receipt)
        case .failed(let failure):
            _ = try await store.effects.failed(workspace, key: key, intent, reason: failure.message)
            throw failure
        case .unclear:
            // The second beginning turns the intent, which now lacks its receipt for good, into an unknown.
            _ = try await store.effects.begin(workspace, key: key, intent)
            return .unknown
        }
    }
}
