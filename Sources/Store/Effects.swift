import Core
import SQL

extension Store {
    /// The ledger of outward calls: an intent is written before the call, its receipt after it.
    ///
    /// An intent whose receipt never came is `unknown`: the call may or may not have happened, and the
    /// provider's rule decides what to do; it is never just made again.
    package struct Effects: Sendable {
        let access: Access

        /// Where one call stands.
        package enum State: String, Sendable, Hashable, CaseIterable {
            /// About to be made, or being made.
            case intent
            /// Made; the receipt says how.
            case receipt
            /// Nobody here knows whether it was made.
            case unknown
            /// Certainly not made; it may be begun again.
            case failed
        }

        /// Who is about to call what.
        package struct Intent: Sendable, Hashable {
            package let provider: String
            /// A digest of the request: the same key must not stand for two different ones.
            package let requestHash: String
            package let job: ID
            package let attempt: Int

            package init(provider: String, requestHash: String, job: ID, attempt: Int) {
                self.provider = provider
                self.requestHash = requestHash
                self.job = job
                self.attempt = attempt
            }
        }

        /// What `begin` found.
        package enum Beginning: Sendable, Hashable {
            /// The intent is written: make the call.
            case fresh
            /// The call was made before, with this receipt.
            case receipt(String)
            /// The call may have been made: begun at this time, by this attempt of this job.
            case unknown(since: Moment, job: ID, attempt: Int)
            /// The key stands for a request with another hash.
            case conflict(hash: String)
        }

        /// How an unknown call turned out.
        package enum Resolution: Sendable, Hashable {
            case sent(receipt: String)
            case notSent(reason: String)
        }

        /// Writes an intent in one transaction, or says why not. A second beginning turns an intent that has
        /// no receipt into `unknown`, whoever began it. Commit it before the call is made.
        package func begin(
            _ workspace: ID, key: String, _ intent: Intent, at now: Moment = .now
        ) async throws -> Beginning {
            try await access.transaction { access in
                // Between two looks another attempt may have moved the entry on; two more looks settle it.
                for _ in 0..<3 {
                    let step = EffectStep(access: access, workspace: workspace, key: key, now: now)
                    if try await step.insert(intent) { return .fresh }
                    if let found = try await step.proceed(intent) { return found }
                }
                throw Failure(.conflict, "The ledger entry \(key) changes too fast; try again.")
            }
        }

        /// The call was made. True when this receipt is the one that counts, false when there was one before.
        ///
        /// - Parameter externalID: what the provider calls what was made.
        package func receipt(
            _ workspace: ID, key: String, _ receipt: String, externalID: String? = nil
        ) async throws -> Bool {
            let count = try await access.execute(
                """
                update effects set state = 'receipt', detail = $3, external_id = $5, updated_at = $4
                where workspace_id = $1 and key = $2 and state <> 'receipt'
                """, [Value(workspace), .text(key), .text(receipt), Value(Moment.now), Value(externalID)])
            if count == 0, try await find(workspace, key: key) == nil {
                throw Failure(.missing, "There is no ledger entry \(key).")
            }
            if let externalID { try await disown(workspace, externalID, of: key) }
            return count == 1
        }

        /// The provider certainly did nothing, so that the call may be begun again. Only the attempt that
        /// wrote the intent can say so; false when it is no longer its own.
        package func failed(
            _ workspace: ID, key: String, _ intent: Intent, reason: String
        ) async throws -> Bool {
            try await access.execute(
                """
                update effects set state = 'failed', detail = $3, updated_at = $4
                where workspace_id = $1 and key = $2 and job_id = $5 and attempt = $6
                and state in ('intent', 'unknown')
                """,
                [
                    Value(workspace), .text(key), .text(reason), Value(Moment.now), Value(intent.job),
                    Value(intent.attempt),
                ]) == 1
        }

        /// A person, or a query at the provider, found out. Throws `conflict` unless the call is unknown.
        package func resolve(
            _ workspace: ID, key: String, as resolution: Resolution, at now: Moment = .now
        ) async throws {
            let (state, detail) =
                switch resolution {
                case .sent(let receipt): (State.receipt, receipt)
                case .notSent(let reason): (State.failed, reason)
                }
            let count = try await access.execute(
                """
                update effects set state = $3, detail = $4, updated_at = $5
                where workspace_id = $1 and key = $2 and state = 'unknown'
                """, [Value(workspace), .text(key), Value(state), .text(detail), Value(now)])
            guard count == 1 else {
                throw Failure(.conflict, "The ledger entry \(key) is not waiting for a decision.")
            }
        }
    }
}
