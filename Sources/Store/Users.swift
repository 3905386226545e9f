import Accounts
import Core
import SQL

extension Store {
    /// What a user may do.
    package enum Role: String, Sendable, Hashable, CaseIterable {
        case owner, admin, member, viewer
    }

    /// The people of a workspace.
    package struct Users: Sendable {
        let access: Access

        /// One person; the address is kept in lower case.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let workspace: ID
            package let email: String
            package let name: String
            package let role: Role
            package let createdAt: Moment
            /// Nil for who cannot log in and only has API keys.
            package let account: ID?
            /// Nil while they are a member.
            package let removedAt: Moment?
            package let version: Int

            package init(
                id: ID = ID(), workspace: ID, email: String, name: String, role: Role,
                createdAt: Moment = .now, account: ID? = nil
            ) {
                self.id = id
                self.workspace = workspace
                self.email = Email.plain(email)
                self.name = name
                self.role = role
                self.createdAt = createdAt
                self.account = account
                removedAt = nil
                version = 1
            }

            init(_ row: Row) throws {
                id = try row.get("id")
                workspace = try row.get("workspace_id")
                email = try row.get("email")
                name = try row.get("name")
                role = try row.word("role")
                createdAt = try row.get("created_at")
                account = try row.get("account_id")
                removedAt = try row.get("removed_at")
                version = try row.get("version")
            }

            /// False once they were removed: the row stays for what refers to it.
            package var isMember: Bool { removedAt == nil }
        }

        static let columns =
            "id, workspace_id, email, name, role, created_at, account_id, removed_at, version"

        /// Throws `conflict` when the workspace has a user with this address.
        package func create(_ user: Entry) async throws {
            try await access.transaction { access in
                try await access.execute(
                    """
                    insert into users (id, workspace_id, email, name, role, created_at, account_id)
                    values ($1, $2, $3, $4, $5, $6, $7)
                    """,
                    [
                        Value(user.id), Value(user.workspace), .text(user.email), .text(user.name),
                        Value(user.role), Value(user.createdAt), Value(user.account),
                    ])
                try await Users(access: access).note(user.id, before: nil, after: user)
            }
        }

        /// The user, also one who was removed.
        package func find(_ workspace: ID, _ id: ID) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from users where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)], Entry.init
            ).first
        }

        /// The user, also one who was removed.
        package func find(_ workspace: ID, email: String) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from users where workspace_id = $1 and email = $2",
                [Value(workspace), .text(Email.plain(email))], Entry.init
            ).first
        }

        /// The members, newest first.
        package func list(_ workspace: ID, _ page: Page = Page()) async throws -> [Entry] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            clause.add("id <", page.after.map { Value($0) })
            return try await access.query(
                """
                select \(Self.columns) from users
                where workspace_id = $1 and removed_at is null\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, Entry.init)
        }

        /// Where an account is a member, across workspaces, oldest first.
        package func memberships(of account: ID) async throws -> [Entry] {
            try await access.query(
                """
                select \(Self.columns) from users where account_id = $1 and removed_at is null
                order by created_at, workspace_id limit \(Page.most)
                """, [Value(account)], Entry.init)
        }
    }
}
