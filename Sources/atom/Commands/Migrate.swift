import ArgumentParser
import Core
import Logging
import SQL
import Store

/// Brings the database's schema up or down, or tells how it stands.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database's schema up or down.", subcommands: [Up.self, Down.self, Status.self])

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Apply what is pending.")

        func run() async throws {
            let numbers = try await Migrate.withMigrator { try await $0.up() }
            say(numbers.isEmpty ? "Nothing was pending." : "Applied \(Migrate.list(numbers)).")
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back every migration above a number, with its data.")

        @Option(help: "The last migration to keep; 0 takes back all.") var to: Int

        func run() async throws {
            let numbers = try await Migrate.withMigrator { try await $0.down(to: to) }
            say(numbers.isEmpty ? "Nothing to take back." : "Took back \(Migrate.list(numbers)).")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell which migrations are applied.")

        func run() async throws {
            for migration in try await Migrate.withMigrator({ try await $0.status() }) {
                let when = migration.appliedAt.map { "  \(Moment(microseconds: $0).text)" } ?? ""
                say("\(migration.number)  \(migration.name)  \(migration.state)\(when)")
            }
        }
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }

    private static func withMigrator<Value: Sendable>(
        _ body: (Migrator) async throws -> Value
    ) async throws -> Value {
        let settings = try Settings.loaded()
        let log = settings.log("atom.migrate")
        let database = try await House.database(settings, log: log)
        do {
            let value = try await body(Store.migrator(database, log: log))
            await database.close()
            return value
        } catch {
            await database.close()
            throw (error as? SQLFault).map { Failure(.conflict, $0.message) } ?? error
        }
    }
}
