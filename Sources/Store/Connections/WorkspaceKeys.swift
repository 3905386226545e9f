import Core
import SQL

extension Store {
    /// The keys that the secrets of workspaces are sealed with, themselves sealed by a master key.
    package struct WorkspaceKeys: Sendable {
        let access: Access

        package struct Entry: Sendable, Hashable {
            package let workspace: ID
            package let id: ID
            /// Counts the keys of the workspace from 1.
            package let number: Int
            /// The name of the master key.
            package let master: String
            package let sealed: String

            package init(workspace: ID, id: ID, number: Int, master: String, sealed: String) {
                self.workspace = workspace
                self.id = id
                self.number = number
                self.master = master
                self.sealed = sealed
            }
        }
    }

    package var workspaceKeys: WorkspaceKeys { WorkspaceKeys(access: access) }
}

extension Store.WorkspaceKeys {
    /// Keys that one statement brings.
    private static let page = 500
    private static let columns = "workspace_id, id, number, master_id, sealed"

    /// The keys of a workspace, oldest first; the last one seals.
    package func list(_ workspace: ID) async throws -> [Entry] {
        try await access.query(
            "select \(Self.columns) from workspace_keys where workspace_id = $1 order by number",
            [Value(workspace)], Entry.init(row:))
    }

    package func find(_ workspace: ID, _ id: ID) async throws -> Entry? {
        try await access.query(
            "select \(Self.columns) from workspace_keys where workspace_id = $1 and id = $2",
            [Value(workspace), Value(id)], Entry.init(row:)
        ).first
    }

    /// Adds a key, unless the workspace has one of its number: of any that are made at once, the first stays.
    package func add(_ entry: Entry) async throws {
        try await access.execute(
            """
            insert into workspace_keys (\(Self.columns), created_at) values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing
            """,
            [
                Value(entry.workspace), Value(entry.id), Value(entry.number), .text(entry.master),
                .text(entry.sealed), Value(Moment.now),
            ])
    }

    /// Keys of all workspaces that another master key than `master` has sealed, after the one called `last`.
    package func list(sealedWithout master: String, after last: ID?) async throws -> [Entry] {
        try await access.query(
            """
            select \(Self.columns) from workspace_keys where master_id <> $1 and id > $2
            order by id limit \(Self.page)
            """, [.text(master), .text(last?.text ?? "")], Entry.init(row:))
    }

    /// Puts the key, sealed anew by `master`, in the place of what it was. False where somebody else did.
    package func reseal(_ entry: Entry, by master: String, as text: String) async throws -> Bool {
        try await access.execute(
            """
            update workspace_keys set master_id = $3, sealed = $4
            where workspace_id = $1 and id = $2 and sealed = $5
            """,
            [Value(entry.workspace), Value(entry.id), .text(master), .text(text), .text(entry.sealed)]) == 1
    }

    /// Lets the keys of a workspace go that no row needs any more and that another followed before `edge`.
    ///
    /// - Returns: how many went. The last one always stays.
    package func prune(
        _ workspace: ID, followedBefore edge: Moment, at now: Moment = .now
    ) async throws -> Int {
        for table in Self.passing { try await access.execute(table, [Value(workspace), Value(now)]) }
        let isFree = Self.sealed.map {
            "not exists (select 1 from \($0) where workspace_id = $1 and key_id = workspace_keys.id)"
        }
        return try await access.execute(
            """
            delete from workspace_keys where workspace_id = $1 and \(isFree.joined(separator: " and "))
                and exists (
                    select 1 from workspace_keys as next where next.workspace_id = $1
                        and next.number > workspace_keys.number and next.created_at < $2)
            """, [Value(workspace), Value(edge)])
    }

    /// The tables whose rows name the key that they are sealed with.
    private static let sealed = ["connection_secrets", "consents", "ai_action_seals", "deliveries"]

    /// What is sealed and will not be opened again: consents that are over, and the seals of proposals that
    /// are decided or too old.
    private static let passing = [
        "delete from consents where workspace_id = $1 and expires_at <= $2",
        """
        delete from ai_action_seals where workspace_id = $1 and not exists (
            select 1 from ai_actions where workspace_id = $1 and id = ai_action_seals.action_id
                and status = 'awaiting_approval' and expires_at > $2)
        """,
    ]

    /// The workspaces that have keys, after the one called `last`, across workspaces.
    package func workspaces(after last: ID?) async throws -> [ID] {
        try await access.query(
            """
            select distinct workspace_id from workspace_keys where workspace_id > $1
            order by workspace_id limit \(Self.page)
            """, [.text(last?.text ?? "")]
        ) { try $0.get("workspace_id") }
    }
}

extension Store.WorkspaceKeys.Entry {
    init(row: Row) throws {
        self.init(
            workspace: try row.get("workspace_id"), id: try row.get("id"), number: try row.get("number"),
            master: try row.get("master_id"), sealed: try row.get("sealed"))
    }
}
