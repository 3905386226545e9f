import ArgumentParser
import Core
import Foundation

/// Walks the main job for real, against a running Atom, and shows each step as it happens.
struct Tour: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import a task list, analyse it, and mail the report to the sandbox, live.")

    @Option(help: "The task list to import.") var file = "examples/tasks.csv"

    func run() async throws {
        let caller = try Caller(try Settings.loaded())
        heading("A project")
        let project = try await caller.post(
            "/api/projects",
            ["name": .string("Tour \(Moment.now.text)"), "description": "Made by atom tour."])
        let id = try project.member("id")
        say("  created \(id)")

        heading("Importing \(file)")
        let upload = try await caller.upload("/api/uploads", file: file, type: "text/csv")
        let imported = try await job(
            caller, "import_tasks",
            ["upload_id": .string(try upload.member("id")), "project_id": .string(id)], durable: true)
        try showImport(imported)

        heading("Analysing the workspace")
        let analysed = try await job(caller, "analyze_workspace", [:])
        let text = try (analysed["result"] ?? .null).member("text")
        say("\n" + text)

        heading("Mailing the report")
        let subject = "Workspace analysis of \(Moment.now.text.prefix(10))"
        var mail: [JSON.Member] = [
            .init("to", ["team@example.org"]), .init("subject", .string(subject)),
            .init("text", .string(text)),
        ]
        if let html = analysed["result"]?["html"] { mail.append(.init("html", html)) }
        let sent = try await job(caller, "send_email", .object(mail))
        say("  receipt: \((sent["result"] ?? .null).text)")
        try await showOutbox(caller, subject)
        say("\nThe tour is complete: every step was observed.")
    }

    private func heading(_ text: String) { say("\n== \(text)") }

    /// Enqueues a job, watches it live and returns it; throws unless it is done.
    private func job(
        _ caller: Caller, _ name: String, _ arguments: JSON, durable: Bool = false
    ) async throws -> JSON {
        let accepted = try await caller.post(
            "/api/jobs", ["name": .string(name), "arguments": arguments, "durable": .bool(durable)])
        let id = try accepted.member("id")
        say("  \(name) \(id) \(try accepted.member("acceptance"))")
        let ended = try await JobWatch(caller, id).run()
        guard ended["state"]?.string == "done" else {
            throw Failure(.broken, "\(name) did not succeed:\n\(ended.indented)")
        }
        return ended
    }

    private func showImport(_ job: JSON) throws {
        let result = job["result"] ?? .null
        guard let created = result["created"]?.integer, let rejected = result["rejected"]?.integer,
            created > 0
        else {
            throw Failure(.broken, "The import made no task:\n\(job.indented)")
        }
        say("  \(created) tasks created, \(rejected) rows refused:")
        for error in result["errors"]?.array ?? [] {
            let column = error["column"]?.string.map { " (\($0))" } ?? ""
            say("    line \(error["line"]?.integer ?? 0)\(column): \(error["reason"]?.string ?? "")")
        }
    }

    private func showOutbox(_ caller: Caller, _ subject: String) async throws {
        let messages = try await caller.get("/api/outbox/messages?limit=50")
        let all = messages["items"]?.array ?? messages["messages"]?.array ?? messages.array ?? []
        guard let message = all.first(where: { $0["subject"]?.string == subject }) else {
            throw Failure(.broken, "The mail is not in the sandbox outbox.")
        }
        say(
            "  in the sandbox outbox: \(message["id"]?.string ?? "") \"\(subject)\""
                + " to \(message["recipient"]?.string ?? "")"
        )
    }
}

extension JSON {
    /// The text of a member that must be there.
    fileprivate func member(_ name: String) throws -> String {
        guard let value = self[name]?.string else {
            throw Failure(.broken, "The answer has no \(name): \(text.prefix(200))")
        }
        return value
    }
}
