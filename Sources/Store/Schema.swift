import Logging
import SQL

extension Store {
    /// The schema as its numbered steps; the texts lie in `Migrations`.
    package static let migrations = [
        embedded(
            1, "foundation", up: PackageResources.m0001_foundation_up_sql,
            down: PackageResources.m0001_foundation_down_sql)
    ]

    /// Brings the schema of `database` up or down.
    package static func migrator(_ database: any Database, log: Logger) -> Migrator {
        Migrator(database, migrations, log: log)
    }

    private static func embedded(_ number: Int, _ name: String, up: [UInt8], down: [UInt8]) -> Migration {
        Migration(
            number, name, up: String(decoding: up, as: UTF8.self), down: String(decoding: down, as: UTF8.self)
        )
    }
}
