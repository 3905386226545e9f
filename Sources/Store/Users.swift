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

            package init(
                id: ID = ID(), workspace: ID, email: String, name: String, role: Role,
                createdAt: Moment = .now
            ) {
                self.id = id
                self.workspace = workspace
                self.email = email.lowercased()
                self.name = name
                self.role = role
                self.createdAt = createdAt
            }

            init(_ row: Row) throws {
                try self.init(
                    id: row.get("id"), workspace: row.get("workspace_id"), email: row.get("email"),
                    name: row.get("name"), role: row.word("role"), createdAt: row.get("created_at"))
            }
        }

        private static let columns = "id, workspace_id, email, name, role, created_at"

        /// Throws `conflict` when the workspace has a user with this address.
        package func create(_ user: Entry) async throws {
            try await access.execute(
                "insert into users (\(Self.columns)) values ($1, $2, $3, $4, $5, $6)",
                [
                    Value(user.id), Value(user.workspace), .text(user.email), .text(user.name),
                    Value(user.role), Value(user.createdAt),
                ])
        }

        package func find(_ workspace: ID, _ id: ID) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from users where workspace_id = $1 and id = $2",
                [Value(workspace), Value(id)], Entry.init
            ).first
        }

        package func find(_ workspace: ID, email: String) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from users where workspace_id = $1 and email = $2",
                [Value(workspace), .text(email.lowercased())], Entry.init
            ).first
        }

        package func list(_ workspace: ID, _ page: Page = Page()) async throws -> [Entry] {
            var clause = Clause([Value(workspace), Value(page.limit)])
            clause.add("id <", page.after.map { Value($0) })
            return try await access.query(
                """
                select \(Self.columns) from users where workspace_id = $1\(clause.text("and"))
                order by id desc limit $2
                """, clause.values, Entry.init)
        }
    }
}
