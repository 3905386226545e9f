import Accounts
import Core
import SQL

extension Store {
    /// The logins that are not over, across workspaces.
    package struct Sessions: Sendable {
        let access: Access

        /// Sessions that one account may have at once; the oldest goes when one more begins.
        package static let most = 100
        /// How long an ended session is kept to be looked at.
        private static let memory: Duration = .seconds(90 * 86_400)
        /// How far `lastSeenAt` may lag behind, so that not every request writes.
        private static let touch: Duration = .seconds(60)

        /// One login.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let account: ID
            package let workspace: ID
            package let userAgent: String
            package let ip: String
            package let createdAt: Moment
            package let lastSeenAt: Moment
            package let expiresAt: Moment

            package init(
                id: ID = ID(), account: ID, workspace: ID, userAgent: String, ip: String,
                at now: Moment = .now
            ) {
                self.id = id
                self.account = account
                self.workspace = workspace
                self.userAgent = String(userAgent.unicodeScalars.prefix(300).map(Character.init))
                self.ip = String(ip.prefix(64))
                createdAt = now
                lastSeenAt = now
                expiresAt = now + RefreshToken.idleLife
            }
        }

        /// Who is asking, when a session's token was shown.
        package struct Holder: Sendable, Hashable {
            package let session: ID
            package let account: ID
            package let workspace: ID
            package let user: ID
            package let role: Role
        }

        private static let columns =
            "id, account_id, workspace_id, user_agent, ip, created_at, last_seen_at, expires_at"

        /// Begins a session, and lets go of what its account has too many of or does not need any more.
        package func open(_ session: Entry) async throws {
            let now = session.createdAt
            try await access.execute(
                """
                insert into sessions (\(Self.columns)) values ($1, $2, $3, $4, $5, $6, $6, $7)
                """,
                [
                    Value(session.id), Value(session.account), Value(session.workspace),
                    .text(session.userAgent), .text(session.ip), Value(now), Value(session.expiresAt),
                ])
            try await access.execute(
                """
                update sessions set revoked_at = $2 where account_id = $1 and revoked_at is null and id in (
                    select id from sessions where account_id = $1 and revoked_at is null and expires_at > $2
                    order by id desc limit 1000 offset \(Self.most))
                """, [Value(session.account), Value(now)])
            try await access.execute(
                "delete from sessions where account_id = $1 and (expires_at < $2 or revoked_at < $2)",
                [Value(session.account), Value(now - Self.memory)])
        }

        /// The live sessions of an account, newest first.
        package func list(_ account: ID, at now: Moment = .now) async throws -> [Entry] {
            try await access.query(
                """
                select \(Self.columns) from sessions
                where account_id = $1 and revoked_at is null and expires_at > $2
                order by id desc limit \(Self.most)
                """, [Value(account), Value(now)], Entry.init(row:))
        }

        /// Who a session is of, while it lives, its account is active and its user is in the workspace.
        package func find(_ id: ID, at now: Moment = .now) async throws -> Holder? {
            let found = try await access.query(
                """
                select s.account_id, s.workspace_id, s.last_seen_at, u.id as user_id, u.role from sessions s
                join accounts a on a.id = s.account_id
                join users u on u.workspace_id = s.workspace_id and u.account_id = s.account_id
                where s.id = $1 and s.revoked_at is null and s.expires_at > $2
                and a.deactivated_at is null and u.removed_at is null
                """, [Value(id), Value(now)]
            ) { row in
                let holder = try Holder(
                    session: id, account: row.get("account_id"), workspace: row.get("workspace_id"),
                    user: row.get("user_id"), role: row.word("role"))
                return (holder, try row.get("last_seen_at", as: Moment.self))
            }
            guard let (holder, lastSeen) = found.first else { return nil }
            if now - lastSeen >= Self.touch { try await touch(id, now) }
            return holder
        }

        private func touch(_ id: ID, _ now: Moment) async throws {
            try await access.execute(
                "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2",
                [Value(id), Value(now)])
        }

        /// Ends one session of an account; throws `missing` where it has none like it.
        package func revoke(_ account: ID, _ id: ID, at now: Moment = .now) async throws {
            let count = try await access.execute(
                """
                update sessions set revoked_at = $3
                where id = $2 and account_id = $1 and revoked_at is null
                """, [Value(account), Value(id), Value(now)])
            guard count == 1 else { throw Failure(.missing, "There is no such session.") }
        }

        /// Ends every session of an account but the one called `kept`; the number that were.
        package func revokeAll(
            of account: ID, except kept: ID? = nil, at now: Moment = .now
        ) async throws -> Int {
            try await access.execute(
                """
                update sessions set revoked_at = $2
                where account_id = $1 and revoked_at is null and id <> coalesce($3, '')
                """, [Value(account), Value(now), Value(kept)])
        }
    }
}

extension Store.Sessions.Entry {
    init(row: Row) throws {
        id = try row.get("id")
        account = try row.get("account_id")
        workspace = try row.get("workspace_id")
        userAgent = try row.get("user_agent")
        ip = try row.get("ip")
        createdAt = try row.get("created_at")
        lastSeenAt = try row.get("last_seen_at")
        expiresAt = try row.get("expires_at")
    }
}
