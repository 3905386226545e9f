import Accounts
import Core
import SQL

extension Store {
    /// The tokens that prolong sessions: each is good once, and a used one that comes back ends its session.
    package struct RefreshTokens: Sendable {
        let access: Access

        /// What came of showing a token.
        package enum Exchange: Sendable, Hashable {
            /// The session goes on with this token; again the same one for a caller whose answer was lost.
            case child(RefreshToken, session: ID, account: ID, workspace: ID)
            /// No session lives by this token.
            case refused
            /// The token was used before, so that somebody else has it too: its session is over.
            case reused(session: ID, account: ID)
        }

        /// A token as it was found, with the session it belongs to.
        private struct Found {
            let session: ID
            let account: ID
            let workspace: ID
            let began: Moment
            let isAlive: Bool
            let usedAt: Moment?
            let child: [UInt8]?
        }

        /// The first token of a session; within the transaction that opens it.
        package func begin(_ session: ID, at now: Moment = .now) async throws -> RefreshToken {
            let token = RefreshToken()
            try await insert(token, session, now)
            return token
        }

        /// Exchanges a token for the next one: of any number that try at once, one makes it and all are given
        /// it.
        package func exchange(_ token: RefreshToken, at now: Moment = .now) async throws -> Exchange {
            try await access.transaction { access in
                try await RefreshTokens(access: access).rotate(token, now)
            }
        }

        private func rotate(_ token: RefreshToken, _ now: Moment) async throws -> Exchange {
            guard let found = try await find(token, now), found.isAlive else { return .refused }
            let child = RefreshToken()
            // Of two that read the token unused, only one finds it so once it holds the row.
            let isFirst =
                try await access.execute(
                    """
                    update refresh_tokens set used_at = $2, child = $3
                    where digest = $1 and used_at is null
                    """, [.text(token.digest), Value(now), .blob(token.seal(child))]) == 1
            guard isFirst else { return try await again(token, now) }
            try await insert(child, found.session, now)
            try await prolong(found, now)
            return .child(
                child, session: found.session, account: found.account, workspace: found.workspace)
        }

        /// The token was used: moments ago, or by whom it was not given to.
        private func again(_ token: RefreshToken, _ now: Moment) async throws -> Exchange {
            guard let found = try await find(token, now), let usedAt = found.usedAt else { return .refused }
            if now - usedAt <= RefreshToken.grace, let child = found.child.flatMap(token.open) {
                return .child(
                    child, session: found.session, account: found.account, workspace: found.workspace)
            }
            try await Sessions(access: access).revoke(found.account, found.session, at: now)
            try await Accounts(access: access).record(
                .tokenReuse, of: found.account, session: found.session, at: now)
            return .reused(session: found.session, account: found.account)
        }

        private func find(_ token: RefreshToken, _ now: Moment) async throws -> Found? {
            try await access.query(
                """
                select t.session_id, t.used_at, t.child, s.account_id, s.workspace_id, s.created_at,
                case when s.revoked_at is null and s.expires_at > $2 and a.deactivated_at is null
                    and u.removed_at is null then 1 else 0 end as is_alive
                from refresh_tokens t join sessions s on s.id = t.session_id
                join accounts a on a.id = s.account_id
                join users u on u.workspace_id = s.workspace_id and u.account_id = s.account_id
                where t.digest = $1
                """, [.text(token.digest), Value(now)]
            ) { row in
                try Found(
                    session: row.get("session_id"), account: row.get("account_id"),
                    workspace: row.get("workspace_id"), began: row.get("created_at"),
                    isAlive: row.get("is_alive"), usedAt: row.get("used_at"), child: row.get("child"))
            }.first
        }

        private func insert(_ token: RefreshToken, _ session: ID, _ now: Moment) async throws {
            try await access.execute(
                "insert into refresh_tokens (digest, session_id, created_at) values ($1, $2, $3)",
                [.text(token.digest), Value(session), Value(now)])
        }

        private func prolong(_ found: Found, _ now: Moment) async throws {
            let end = min(now + RefreshToken.idleLife, found.began + RefreshToken.wholeLife)
            try await access.execute(
                "update sessions set expires_at = $2, last_seen_at = $3 where id = $1",
                [Value(found.session), Value(end), Value(now)])
        }
    }
}
