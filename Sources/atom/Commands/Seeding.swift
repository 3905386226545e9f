import ArgumentParser
import Core
import SQL
import SQL
import Store

/// Fills a workspace with made-up rows, so that there is something to develop against.
struct Seeding: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Fill a workspace with believable rows to develop against.")

    @Option(help: "The id of the workspace, or first for the oldest one.") var workspace = "first"
    @Option(help: "How much there is to be: small or large.") var size = "small"
    @Option(help: "The number that decides what is made; the same makes the same.") var seed: UInt64 = 1
    @Flag(help: "Add the rows although the workspace is not empty.") var force = false

    func run() async throws {
        let settings = try Settings.loaded()
        let log = settings.log("atom.seed")
        let database = try await House.database(settings, log: log)
        do {
            _ = try await Store.migrator(database, log: log).up()
            try await fill(Store(database))
            await database.close()
        } catch {
            await database.close()
            throw error
        }
    }

    private func fill(_ store: Store) async throws {
        let home = try await home(store)
        let planting = store.planting(in: home.id)
        if !force, let occupant = try await planting.occupant() {
            throw Failure(
                .conflict,
                "The workspace \(home.name) has \(occupant) already. Use --force to add to them, or "
                    + "--workspace for another one.")
        }
        let counts = try await planting.plant(number: seed, size: size)
        say("Made in the workspace \(home.name) (\(home.id)):")
        for count in counts { say("  \(count.count) \(count.name)") }
    }

    private func home(_ store: Store) async throws -> Store.Workspaces.Entry {
        if workspace == "first" {
            guard let first = try await store.workspaces.list(limit: 1).first else {
                throw Failure(.missing, "There is no workspace yet. Start atom up once, which makes one.")
            }
            return first
        }
        guard let id = ID(workspace), let found = try await store.workspaces.find(id) else {
            throw Failure(.missing, "There is no workspace \(workspace).")
        }
        return found
    }
}
