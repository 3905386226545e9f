import Core
import Integrations
import Store

/// Makes outward calls that must not happen twice: an intent before, a receipt after, and no blind second
/// try.
package struct Ledger: Sendable {
    /// How a call ended, as far as anybody can know.
    package enum Call: Sendable {
        /// It was made; the receipt is kept. Its member `id` is what the provider calls what was made.
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

    /// What becomes of a call of which nobody knows whether it was made.
    package enum Doubt: Sendable {
        /// A person decides.
        case park
        /// The provider is asked what was made since the call began; it is made again only when it was not.
        case ask(Question)

        /// What the table of the provider says; a person decides where there is none, or nothing to ask.
        package static func about(_ provider: String, asking question: Question? = nil) -> Doubt {
            let rule: Provider.Rules.Doubt
            do { rule = try Providers.named(provider).rules.doubt } catch { return .park }
            return switch rule {
            case .park: .park
            case .ask: question.map(Doubt.ask) ?? .park
            }
        }
    }

    /// Asks the provider what was made since a moment.
    package typealias Question = @Sendable (_ since: Moment) async throws -> Finding

    /// What a provider knows of a call.
    package enum Finding: Sendable {
        /// The receipts of what may be it, each with an `id`; none when it was certainly not made.
        case made([JSON])
        /// It cannot tell.
        case silent
    }

    /// How long after its beginning a call may still take effect at the provider without an answer.
    package static let settling: Duration = .seconds(10)
    /// From when on the provider is asked: its clock may be behind ours.
    private static let skew: Duration = .seconds(-60)

    private let store: Store

    package init(_ store: Store) { self.store = store }

    /// Makes the call unless it was made, or may have been made, before.
    ///
    /// - Parameters:
    ///   - doubt: what to do where an earlier call, or this one, has no known end.
    ///   - call: makes the call; called at most once, with the sandbox open for the effect's workspace.
    /// - Throws: the failure of a call that was certainly not made.
    package func once(_ effect: Effect, doubt: Doubt = .park, call: () async -> Call) async throws -> Result {
        switch try await begin(effect) {
        case .receipt(let text): return try Self.kept(text)
        case .fresh: break
        case .unknown(let since, _, _):
            if let result = try await clear(effect, doubt, since: since) { return result }
        case .conflict:
            throw Failure(
                .conflict, "The ledger entry \(effect.key) stands for another request; use another key.")
        }
        return try await make(effect, doubt, call)
    }

    private func begin(_ effect: Effect) async throws -> Store.Effects.Beginning {
        try await store.effects.begin(effect.workspace, key: effect.key, effect.intent)
    }

    /// Decides about a call of unknown end; nil when it is to be made, its intent written.
    private func clear(_ effect: Effect, _ doubt: Doubt, since: Moment) async throws -> Result? {
        switch doubt {
        case .park: return .unknown
        case .ask(let question):
            switch try await settle(effect, question, since) {
            case .receipt(let receipt): return .receipt(receipt)
            case .unknown: return .unknown
            case nil:
                // It is failed now, and begins anew unless another attempt was faster.
                switch try await begin(effect) {
                case .fresh: return nil
                case .receipt(let text): return try Self.kept(text)
                case .unknown, .conflict: return .unknown
                }
            }
        }
    }

    private static func kept(_ receipt: String) throws -> Result {
        .receipt(try JSONParser.parse(Array(receipt.utf8)))
    }

    private func make(_ effect: Effect, _ doubt: Doubt, _ call: () async -> Call) async throws -> Result {
        let (workspace, key) = (effect.workspace, effect.key)
        switch await SandboxKeeper.$workspace.withValue(workspace, operation: call) {
        case .made(let receipt):
            _ = try await store.effects.receipt(
                workspace, key: key, receipt.text, externalID: receipt["id"]?.string)
            return .receipt(receipt)
        case .failed(let failure):
            _ = try await store.effects.failed(workspace, key: key, effect.intent, reason: failure.message)
            throw failure
        case .unclear(let failure):
            return try await settle(effect, doubt, after: failure)
        }
    }

    /// Decides about a call that has just ended, nobody knows how.
    private func settle(_ effect: Effect, _ doubt: Doubt, after failure: Failure) async throws -> Result {
        // The second beginning turns the intent, which now lacks its receipt for good, into an unknown.
        switch try await begin(effect) {
        // Another attempt has found out meanwhile.
        case .receipt(let text): return try Self.kept(text)
        case .fresh, .conflict: return .unknown
        case .unknown(let since, _, _):
            switch doubt {
            case .park: return .unknown
            case .ask(let question):
                if let result = try await settle(effect, question, since) { return result }
                throw failure
            }
        }
    }

    /// Asks the provider, twice where the first no comes too early to be the last word; nil when the call was
    /// certainly not made, which the ledger says then.
    private func settle(_ effect: Effect, _ question: Question, _ since: Moment) async throws -> Result? {
        if let result = try await ask(effect, question, since) { return result }
        let rest = (since + Self.settling) - Moment.now
        if rest > .zero {
            try await Task.sleep(for: rest)
            if let result = try await ask(effect, question, since) { return result }
        }
        do {
            try await store.effects.resolve(
                effect.workspace, key: effect.key, as: .notSent(reason: "The provider does not know of it."))
        } catch let failure as Failure where failure.kind == .conflict {
            // It is unknown no more: whoever begins next finds what it is.
            return nil
        }
        return nil
    }

    private func ask(_ effect: Effect, _ question: Question, _ since: Moment) async throws -> Result? {
        guard case .made(let receipts) = try await question(since + Self.skew) else { return .unknown }
        for receipt in receipts {
            guard let id = receipt["id"]?.string else { continue }
            let isOurs = try await store.effects.claim(
                effect.workspace, key: effect.key, externalID: id, receipt: receipt.text)
            if isOurs { return .receipt(receipt) }
        }
        return nil
    }
}
