import Accounts
import Core
import SQL

extension Store {
    /// The people who are asked into a workspace. The tokens themselves are not kept.
    package struct Invitations: Sendable {
        let access: Access

        /// How long one is good.
        package static let life: Duration = .seconds(7 * 86_400)
        /// Invitations of a workspace that may be open at once.
        package static let most = 200

        /// One person who is asked.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let workspace: ID
            /// In lower case.
            package let email: String
            package let role: Role
            package let invitedBy: ID
            package let createdAt: Moment
            package let expiresAt: Moment

            package init(
                workspace: ID, email: Email, role: Role, invitedBy: ID, at now: Moment = .now
            ) {
                id = ID()
                self.workspace = workspace
                self.email = email.text
                self.role = role
                self.invitedBy = invitedBy
                createdAt = now
                expiresAt = now + Invitations.life
            }
        }

        private static let columns = "id, workspace_id, email, role, invited_by, created_at, expires_at"
        private static let isOpen = "accepted_at is null and revoked_at is null"

        /// Keeps an invitation and returns its token, which cannot be shown again. Throws `conflict` where a
        /// member has the address, and `.limited` where too many are open.
        package func create(_ entry: Entry) async throws -> String {
            let users = Users(access: access)
            if let member = try await users.find(entry.workspace, email: entry.email), member.isMember {
                throw Failure(.conflict, "Somebody with this address is a member already.", at: "/email")
            }
            guard try await list(entry.workspace, at: entry.createdAt).count < Self.most else {
                throw Failure(
                    .limited, "\(Self.most) invitations are open. Withdraw some first.",
                    retryAfter: .seconds(60))
            }
            let token = Random.text("atom_i_")
            try await access.execute(
                """
                insert into invitations (\(Self.columns), digest) values ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    Value(entry.id), Value(entry.workspace), .text(entry.email), Value(entry.role),
                    Value(entry.invitedBy), Value(entry.createdAt), Value(entry.expiresAt),
                    .text(Random.digest(token)),
                ])
            return token
        }

        /// The open ones of a workspace, newest first.
        package func list(_ workspace: ID, at now: Moment = .now) async throws -> [Entry] {
            try await access.query(
                """
                select \(Self.columns) from invitations
                where workspace_id = $1 and \(Self.isOpen) and expires_at > $2
                order by id desc limit \(Self.most)
                """, [Value(workspace), Value(now)], Entry.init(row:))
        }

        /// The open invitation of a token, across workspaces.
        package func find(_ token: String, at now: Moment = .now) async throws -> Entry? {
            try await access.query(
                """
                select \(Self.columns) from invitations
                where digest = $1 and \(Self.isOpen) and expires_at > $2
                """, [.text(Random.digest(token)), Value(now)], Entry.init(row:)
            ).first
        }

        /// Uses an invitation up. Throws `missing` where somebody else was first.
        package func accept(_ entry: Entry, at now: Moment = .now) async throws {
            try await end(entry.workspace, entry.id, "accepted_at", now)
        }

        /// Takes an invitation back. Throws `missing` where it is not open.
        package func revoke(_ workspace: ID, _ id: ID, at now: Moment = .now) async throws {
            try await end(workspace, id, "revoked_at", now)
        }

        private func end(_ workspace: ID, _ id: ID, _ column: String, _ now: Moment) async throws {
            let count = try await access.execute(
                """
                update invitations set \(column) = $3 where workspace_id = $1 and id = $2 and \(Self.isOpen)
                """, [Value(workspace), Value(id), Value(now)])
            guard count == 1 else { throw Failure(.missing, "There is no such invitation.") }
        }
    }
}

extension Store.Invitations.Entry {
    init(row: Row) throws {
        id = try row.get("id")
        workspace = try row.get("workspace_id")
        email = try row.get("email")
        role = try row.word("role")
        invitedBy = try row.get("invited_by")
        createdAt = try row.get("created_at")
        expiresAt = try row.get("expires_at")
    }
}
