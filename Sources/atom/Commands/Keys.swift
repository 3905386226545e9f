import ArgumentParser
import Automation
import Core
import Logging
import SQL
import Store

/// Looks after the keys that the secrets of workspaces are sealed with.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look after the keys that the secrets of workspaces are sealed with.",
        subcommands: [Rotate.self, Make.self])

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a fresh master key, to be put first in ATOM_MASTER_KEYS.")

        @Argument(help: "What the key is called, such as 2026-11.") var name: String

        func run() async throws {
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) }) else {
                throw Failure(.invalid, "The name of a key has letters, digits, - and _ only.")
            }
            say(MasterKeys.made(name))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal the keys of all workspaces with the first of ATOM_MASTER_KEYS, while all runs.",
            discussion:
                "Put the new key first and keep the old ones, restart every process, run this, then take "
                + "the old ones away.")

        @Flag(help: "Give every workspace a new key too, and seal its secrets with it.") var secrets = false

        func run() async throws {
            let settings = try Settings.loaded()
            let database = try await House.database(settings, log: settings.log("atom.keys"))
            do {
                try await rotate(Rotation(Vault(settings.masters(), Store(database))))
                await database.close()
            } catch {
                await database.close()
                throw error
            }
        }

        private func rotate(_ rotation: Rotation) async throws {
            let figures = try await rotation.renewMasters()
            say("Keys sealed with the first master key: \(figures.keys).")
            say("Keys that nothing is sealed with any more: \(try await rotation.dropUnused()) removed.")
            guard secrets else { return }
            say("Secrets sealed with new keys: \(try await rotation.renewSecrets().secrets).")
        }
    }
}
