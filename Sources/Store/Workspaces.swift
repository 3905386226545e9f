import Core
import SQL

extension Store {
    /// The workspaces, which everything else belongs to.
    package struct Workspaces: Sendable {
        let access: Access

        /// One workspace.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            package let name: String
            package let createdAt: Moment
            package let version: Int

            package init(id: ID = ID(), name: String, createdAt: Moment = .now) {
                self.id = id
                self.name = name
                self.createdAt = createdAt
                version = 1
            }

            init(_ row: Row) throws {
                id = try row.get("id")
                name = try row.get("name")
                createdAt = try row.get("created_at")
                version = try row.get("version")
            }
        }

        private static let columns = "id, name, created_at, version"

        package func create(_ workspace: Entry) async throws {
            try await access.execute(
                "insert into workspaces (id, name, created_at) values ($1, $2, $3)",
                [Value(workspace.id), .text(workspace.name), Value(workspace.createdAt)])
        }

        package func find(_ id: ID) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from workspaces where id = $1", [Value(id)], Entry.init
            ).first
        }

        /// Gives a workspace another name. Throws `conflict` unless `version`, where it is given, is the one
        /// there is.
        package func rename(_ id: ID, to name: String, version: Int?) async throws -> Entry {
            try await access.transaction { access in
                let before = try await Workspaces(access: access).find(id)
                let found = try await access.query(
                    """
                    update workspaces set name = $2, version = version + 1
                    where id = $1 and version = coalesce($3, version) returning \(Self.columns)
                    """, [Value(id), .text(name), Value(version)], Entry.init)
                guard let before, let after = found.first else {
                    throw Failure(.conflict, "The workspace was changed meanwhile.")
                }
                try await access.write([
                    Journal.Entry(
                        workspace: id, noun: "workspace", event: "workspace:updated", row: id,
                        action: .updated, version: after.version, actor: access.scope?.actor ?? "system",
                        request: access.scope?.request,
                        changes: Journal.Changes(
                            from: ["name": .string(before.name)], to: ["name": .string(after.name)]))
                ])
                return after
            }
        }

        /// Several workspaces by their ids, across all.
        package func find(_ ids: [ID]) async throws -> [Entry] {
            var found: [Entry] = []
            for list in IDList.cut(ids, after: 0) {
                found += try await access.query(
                    "select \(Self.columns) from workspaces where id in \(list.sql)", list.values, Entry.init)
            }
            return found
        }

        /// All workspaces, oldest first, `limit` at most: for sweeps and the first start.
        package func list(limit: Int = 200) async throws -> [Entry] {
            try await access.query(
                "select \(Self.columns) from workspaces order by id limit $1", [Value(limit)], Entry.init)
        }
    }
}
