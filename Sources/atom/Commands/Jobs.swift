import ArgumentParser
import Core
import Foundation

/// The jobs, from a terminal.
struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Enqueue, list, show, cancel, retry and watch jobs through the API.",
        subcommands: [Enqueue.self, List.self, Show.self, Cancel.self, Retry.self, Watch.self])

    struct Enqueue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Enqueue a job.")

        @Argument(help: "The job's name, such as send_email.") var name: String
        @Argument(help: "Its arguments, a JSON object.") var arguments = "{}"
        @Option(help: "The queue.") var queue: String?
        @Option(help: "high, normal or low.") var priority: String?
        @Option(help: "Start so many seconds from now.") var delay: Double?
        @Flag(help: "Accept into the database first.") var durable = false
        @Flag(help: "Watch it until it ends.") var watch = false

        func run() async throws {
            let caller = try Caller(try Settings.loaded())
            var members = [
                JSON.Member("name", .string(name)),
                JSON.Member("arguments", try JSONParser.parse(Array(arguments.utf8))),
            ]
            if let queue { members.append(.init("queue", .string(queue))) }
            if let priority { members.append(.init("priority", .string(priority))) }
            if let delay { members.append(.init("delay_seconds", .double(delay))) }
            if durable { members.append(.init("durable", true)) }
            let job = try await caller.post("/api/jobs", .object(members))
            let id = job["id"]?.string ?? ""
            say(id)
            if watch { _ = try await JobWatch(caller, id).run() }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs.")

        @Option(help: "waiting, scheduled, running, done, dead, cancelled, parked or expired.") var state:
            String?
        @Option(help: "The queue.") var queue: String?
        @Option(help: "The job's name.") var name: String?
        @Option(help: "How many at most.") var limit = 50

        func run() async throws {
            let caller = try Caller(try Settings.loaded())
            let filters = [("state", state), ("queue", queue), ("name", name)].compactMap { name, value in
                value.map { "&\(name)=\($0)" }
            }
            let page = try await caller.get("/api/jobs?limit=\(limit)\(filters.joined())")
            for job in page["jobs"]?.array ?? page["items"]?.array ?? page.array ?? [] {
                let columns = ["id", "state", "queue", "name"].map { job[$0]?.string ?? "" }
                say(columns.joined(separator: "  "))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all that is known of a job.")

        @Argument(help: "The job's id.") var id: String

        func run() async throws {
            say(try await Caller(try Settings.loaded()).get("/api/jobs/\(id)").indented)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a job, running or not.")

        @Argument(help: "The job's id.") var id: String
        @Option(help: "Why, for the record.") var reason = "cancelled from the command line"

        func run() async throws {
            let caller = try Caller(try Settings.loaded())
            let job = try await caller.post("/api/jobs/\(id)/cancel", ["reason": .string(reason)])
            say(job["state"]?.string ?? "asked to stop")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put a dead job back on its queue.")

        @Argument(help: "The job's id.") var id: String

        func run() async throws {
            let job = try await Caller(try Settings.loaded()).post("/api/jobs/\(id)/retry", [:])
            say(job["state"]?.string ?? "waiting")
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Watch a job live until it ends; exits 0 when it is done, 1 otherwise.")

        @Argument(help: "The job's id.") var id: String

        func run() async throws {
            let caller = try Caller(try Settings.loaded())
            guard try await JobWatch(caller, id).run()["state"]?.string == "done" else { throw ExitCode(1) }
        }
    }
}

extension JSON {
    /// The text with two spaces a level, for reading.
    var indented: String { indented(by: "") }

    private func indented(by space: String) -> String {
        let inner = space + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.map {
                "\(inner)\(JSON.string($0.name).text): \($0.value.indented(by: inner))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(space)}"
        case .array(let items) where !items.isEmpty:
            return "[\n" + items.map { inner + $0.indented(by: inner) }.joined(separator: ",\n")
                + "\n\(space)]"
        default: return text
        }
    }
}
