import Foundation
import Logging

/// Brings the schema of a database up or down, one process at a time.
///
/// Everything happens in one transaction under a lock (an advisory lock in PostgreSQL, the write lock in
/// SQLite), so that processes starting together do not race and a failure leaves the schema as it was.
package struct Migrator: Sendable {
    private let database: any Database
    private let migrations: [Migration]
    private let log: Logger
    private let after: @Sendable (any Session) async throws -> Void

    /// - Parameter after: runs at the end of every way up or down, in the same transaction, even when there
    ///   was nothing to apply.
    package init(
        _ database: any Database, _ migrations: [Migration], log: Logger,
        after: @escaping @Sendable (any Session) async throws -> Void = { _ in }
    ) {
        self.database = database
        self.migrations = migrations.sorted { $0.number < $1.number }
        self.log = log
        self.after = after
    }

    /// Applies what is pending and returns its numbers.
    package func up() async throws -> [Int] {
        try await locked { session in
            let applied = try await checked(session)
            let pending = migrations.filter { applied[$0.number] == nil }
            for migration in pending { try await apply(migration, session) }
            try await after(session)
            return pending.map(\.number)
        }
    }

    /// Takes back every migration above `number` (0 for all), newest first, and returns their numbers.
    package func down(to number: Int) async throws -> [Int] {
        try await locked { session in
            let applied = try await checked(session)
            let undone = migrations.filter { applied[$0.number] != nil && $0.number > number }.reversed()
            for migration in undone { try await undo(migration, session) }
            try await after(session)
            return undone.map(\.number)
        }
    }

    /// How each migration stands, known or not, by number.
    package func status() async throws -> [Migration.Status] {
        try await locked { session in
            let applied = try await applied(session)
            let known = migrations.map { status($0, applied[$0.number]) }
            let numbers = Set(migrations.map(\.number))
            let unknown = applied.values.filter { !numbers.contains($0.number) }.map {
                Migration.Status(number: $0.number, name: $0.name, state: .unknown, appliedAt: $0.at)
            }
            return (known + unknown).sorted { $0.number < $1.number }
        }
    }

    private func status(_ migration: Migration, _ applied: Applied?) -> Migration.Status {
        let state: Migration.Status.State =
            applied.map { $0.checksum == migration.checksum ? .applied : .changed } ?? .pending
        return .init(number: migration.number, name: migration.name, state: state, appliedAt: applied?.at)
    }

    private func locked<T: Sendable>(
        _ body: @Sendable (any Session) async throws -> T
    ) async throws -> T {
        try await database.transaction { session in
            if database.dialect == .postgres {
                // A migration, or the one we wait for, may take longer than an ordinary statement is allowed.
                try await session.execute("set local statement_timeout = '10min'")
                _ = try await session.query(
                    "select pg_advisory_xact_lock(20406, hashtext(current_schema()))")
            }
            try await session.execute(
                """
                create table if not exists schema_migrations (
                    number bigint primary key, name text not null, checksum text not null,
                    applied_at bigint not null)
                """)
            return try await body(session)
        }
    }

    private struct Applied: Sendable {
        let number: Int
        let name: String
        let checksum: String
        let at: Int64
    }

    private func applied(_ session: any Session) async throws -> [Int: Applied] {
        let rows = try await session.query("select number, name, checksum, applied_at from schema_migrations")
        let all = try rows.map {
            Applied(
                number: try $0.get("number"), name: try $0.get("name"), checksum: try $0.get("checksum"),
                at: try $0.get("applied_at"))
        }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0) })
    }

    /// What is applied; refuses a database that this program does not understand.
    private func checked(_ session: any Session) async throws -> [Int: Applied] {
        let applied = try await applied(session)
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.number, $0) })
        for entry in applied.values.sorted(by: { $0.number < $1.number }) {
            guard let migration = known[entry.number] else {
                throw SQLFault(
                    .newer,
                    "the database is newer than this program: migration \(entry.number) (\(entry.name)) is "
                        + "applied but unknown here; run the program that applied it, or a later one")
            }
            guard migration.checksum == entry.checksum else {
                throw SQLFault(
                    .changed,
                    "migration \(entry.number) (\(entry.name)) was edited after it was applied; "
                        + "restore its text and put the change into a new migration")
            }
        }
        return applied
    }

    private func apply(_ migration: Migration, _ session: any Session) async throws {
        for statement in Script.statements(migration.up) { try await session.execute(statement) }
        try await session.execute(
            "insert into schema_migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)",
            [
                Value(migration.number), .text(migration.name), .text(migration.checksum),
                .integer(Int64(Date().timeIntervalSince1970 * 1_000_000)),
            ])
        log.info(
            "migration applied", metadata: ["number": "\(migration.number)", "name": "\(migration.name)"])
    }

    private func undo(_ migration: Migration, _ session: any Session) async throws {
        for statement in Script.statements(migration.down) { try await session.execute(statement) }
        try await session.execute(
            "delete from schema_migrations where number = $1", [Value(migration.number)])
        log.info(
            "migration undone", metadata: ["number": "\(migration.number)", "name": "\(migration.name)"])
    }
}
