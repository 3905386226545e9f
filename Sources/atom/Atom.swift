import ArgumentParser
import Core
import Foundation

/// The one command.
@main
struct Atom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "atom", abstract: "Background jobs on Redis, and the backend whose work they are.",
        version: version,
        subcommands: [
            Up.self, Serve.self, Work.self, Relaying.self, Migrate.self, Check.self, Jobs.self,
            Timetable.self, Tour.self, Bench.self, Seeding.self, Keys.self,
        ])

    static let version = "0.1.0"

    /// Runs the command; a failure is told in its own words and ends with 1.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            let cause = failure.cause.map { "\n  (\($0))" } ?? ""
            FileHandle.standardError.write(Data("atom: \(failure.message)\(cause)\n".utf8))
            Foundation.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}

/// Prints at once: a pipe gets each line as it is written, not when a buffer is full.
func say(_ text: String = "", terminator: String = "\n") {
    print(text, terminator: terminator)
    fflush(nil)
}
