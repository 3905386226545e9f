import Logging
import SQL

extension Store {
    /// The schema as its numbered steps; the texts lie in `Migrations`.
    package static let migrations = [
        embedded(
            1, "foundation", up: PackageResources.m0001_foundation_up_sql,
            down: PackageResources.m0001_foundation_down_sql),
        embedded(
            2, "journal", up: PackageResources.m0002_journal_up_sql,
            down: PackageResources.m0002_journal_down_sql),
        embedded(
            3, "accounts", up: PackageResources.m0003_accounts_up_sql,
            down: PackageResources.m0003_accounts_down_sql),
        embedded(
            4, "tasks", up: PackageResources.m0004_tasks_up_sql,
            down: PackageResources.m0004_tasks_down_sql),
        embedded(
            5, "calendar", up: PackageResources.m0005_calendar_up_sql,
            down: PackageResources.m0005_calendar_down_sql),
        embedded(
            6, "communications", up: PackageResources.m0006_communications_up_sql,
            down: PackageResources.m0006_communications_down_sql),
        embedded(
            7, "finances", up: PackageResources.m0007_finances_up_sql,
            down: PackageResources.m0007_finances_down_sql),
        embedded(
            8, "notes", up: PackageResources.m0008_notes_up_sql,
            down: PackageResources.m0008_notes_down_sql),
        embedded(
            9, "connections", up: PackageResources.m0009_connections_up_sql,
            down: PackageResources.m0009_connections_down_sql),
        embedded(
            10, "inbound", up: PackageResources.m0010_inbound_up_sql,
            down: PackageResources.m0010_inbound_down_sql),
        embedded(
            11, "sync", up: PackageResources.m0011_sync_up_sql,
            down: PackageResources.m0011_sync_down_sql),
        embedded(
            12, "models", up: PackageResources.m0012_models_up_sql,
            down: PackageResources.m0012_models_down_sql),
        embedded(
            13, "followups", up: PackageResources.m0013_followups_up_sql,
            down: PackageResources.m0013_followups_down_sql),
        embedded(
            14, "voice", up: PackageResources.m0014_voice_up_sql,
            down: PackageResources.m0014_voice_down_sql),
        embedded(
            15, "outbound", up: PackageResources.m0015_outbound_up_sql,
            down: PackageResources.m0015_outbound_down_sql),
        embedded(
            16, "zendesk", up: PackageResources.m0016_zendesk_up_sql,
            down: PackageResources.m0016_zendesk_down_sql),
        embedded(
            17, "doubts", up: PackageResources.m0017_doubts_up_sql,
            down: PackageResources.m0017_doubts_down_sql),
        embedded(
            18, "timers", up: PackageResources.m0018_timers_up_sql,
            down: PackageResources.m0018_timers_down_sql),
        embedded(
            19, "deliveries", up: PackageResources.m0019_deliveries_up_sql,
            down: PackageResources.m0019_deliveries_down_sql),
        embedded(
            20, "claims", up: PackageResources.m0020_claims_up_sql,
            down: PackageResources.m0020_claims_down_sql),
        embedded(
            21, "refusals", up: PackageResources.m0021_refusals_up_sql,
            down: PackageResources.m0021_refusals_down_sql),
        embedded(
            22, "tickets", up: PackageResources.m0022_tickets_up_sql,
            down: PackageResources.m0022_tickets_down_sql),
    ]

    /// Brings the schema of `database` up or down, with its walls and seals.
    package static func migrator(_ database: any Database, log: Logger) -> Migrator {
        Migrator(database, migrations, log: log) { [dialect = database.dialect] session in
            try await raiseWalls(in: session, dialect)
            try await seal(sealed, in: session, dialect)
        }
    }

    private static func embedded(_ number: Int, _ name: String, up: [UInt8], down: [UInt8]) -> Migration {
        Migration(
            number, name, up: String(decoding: up, as: UTF8.self), down: String(decoding: down, as: UTF8.self)
        )
    }
}
