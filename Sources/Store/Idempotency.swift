import Core
import SQL

extension Store {
    /// The requests that carried an `Idempotency-Key`, so that one that comes again gets the same answer.
    package struct Idempotency: Sendable {
        let access: Access

        /// How long an answer is kept.
        package static let retention: Duration = .seconds(24 * 3_600)
        /// After this time without an answer, the process that worked on a request is taken for dead.
        package static let patience: Duration = .seconds(60)

        /// An answer that was given.
        package struct Response: Sendable, Hashable {
            package let status: Int
            package let body: String

            package init(status: Int, body: String) {
                self.status = status
                self.body = body
            }
        }

        /// What `reserve` found.
        package enum Reservation: Sendable, Hashable {
            /// The key is the caller's: do the work, then `complete`.
            case fresh
            /// The same request was answered before.
            case replay(Response)
            /// The key came with another request.
            case mismatch
            /// The same request is being worked on.
            case inProgress
        }

        /// Takes a key for the request with this fingerprint; of any number that try at once, one gets
        /// `fresh`.
        package func reserve(
            _ workspace: ID, key: String, fingerprint: String, at now: Moment = .now
        ) async throws -> Reservation {
            let expired = now - Self.retention
            let count = try await access.execute(
                """
                insert into idempotency (workspace_id, key, fingerprint, created_at)
                values ($1, $2, $3, $4)
                on conflict (workspace_id, key) do update set
                fingerprint = excluded.fingerprint, status = null, response = null,
                created_at = excluded.created_at
                where idempotency.created_at < $5
                or (idempotency.status is null and idempotency.created_at < $6
                    and idempotency.fingerprint = excluded.fingerprint)
                """,
                [
                    Value(workspace), .text(key), .text(fingerprint), Value(now), Value(expired),
                    Value(now - Self.patience),
                ])
            return count == 1 ? .fresh : try await found(workspace, key, fingerprint)
        }

        private func found(_ workspace: ID, _ key: String, _ fingerprint: String) async throws -> Reservation
        {
            let rows = try await access.query(
                """
                select fingerprint, status, response from idempotency
                where workspace_id = $1 and key = $2
                """, [Value(workspace), .text(key)]
            ) { row -> Reservation in
                guard try row.get("fingerprint") == fingerprint else { return .mismatch }
                guard let status = try row.get("status", as: Int?.self) else { return .inProgress }
                return .replay(Response(status: status, body: try row.get("response")))
            }
            // Let go of between the two statements: whoever asks again will have it.
            return rows.first ?? .inProgress
        }

        /// Keeps the answer to the request that reserved the key.
        package func complete(_ workspace: ID, key: String, _ response: Response) async throws {
            try await access.execute(
                """
                update idempotency set status = $3, response = $4
                where workspace_id = $1 and key = $2 and status is null
                """,
                [Value(workspace), .text(key), Value(response.status), .text(response.body)])
        }

        /// Lets go of what is older than the retention, and returns how many there were. Across workspaces.
        package func prune(at now: Moment = .now) async throws -> Int {
            try await access.execute(
                "delete from idempotency where created_at < $1", [Value(now - Self.retention)])
        }
    }
}
