import Core
import SQL

extension Store {
    /// How many steps of the schema this program knows and the database has not taken. Proves at once that
    /// the database answers.
    package func pendingMigrations() async throws -> Int {
        let applied = try await access.query("select number from schema_migrations", []) { row in
            try row.get("number", as: Int.self)
        }
        return Set(Self.migrations.map(\.number)).subtracting(applied).count
    }
}
