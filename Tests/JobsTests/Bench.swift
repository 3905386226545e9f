import Automation
import Core
import Foundation
import Integrations
import Jobs
import Queue
import Redis
import Store
import TestHouse
import Testing
import Work

/// Runs attempts of the product's jobs on a real queue and a real database.
struct Bench: Sendable {
    let house: FreshStore
    let queue: Queue
    let tools: Tools

    /// Runs `body` with a bench of its own; mail goes where `mail` says, by default to the sandbox.
    static func with(
        _ engine: Engine = .sqlite, mail: Mail.Settings = .init(sender: .init("atom@example.org")),
        webhooks: Webhooks.Settings = .init(), bases: [String: String] = [:],
        _ body: (Bench) async throws -> Void
    ) async throws {
        let redis = try TestRedis.client()
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        let queue = Queue("default", on: redis, settings: settings)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("atom-\(ID())").path
        try await FreshStore.with(engine) { house async throws in
            let integrations = Integrations(
                .init(mail: mail, webhooks: webhooks, bases: bases), outbox: SandboxKeeper(house.store),
                log: .quiet)
            let tools = Tools(
                store: house.store, integrations: integrations, uploads: Uploads(folder: folder),
                masters: try MasterKeys(MasterKeys.made("test")))
            try await body(Bench(house: house, queue: queue, tools: tools))
            integrations.close()
        }
        try? FileManager.default.removeItem(atPath: folder)
        await redis.close()
    }

    /// Enqueues a job of the workspace and claims it.
    func claim(_ name: String, _ arguments: JSON) async throws -> Claim {
        let envelope = Envelope(name: name, arguments: arguments.bytes, workspace: house.workspace.text)
        try await queue.enqueue([envelope])
        var shift = Queue.Shift()
        shift.wanted = 1
        return try #require(try await queue.work(shift).claims.first)
    }

    /// Runs one attempt.
    func attempt(_ claim: Claim) async -> Verdict {
        await Runner(catalogue, tools: tools, log: .quiet).attempt(
            claim, started: .now, reporter: Report(claim, in: queue), stop: { nil })
    }

    /// Stores a file for a job and returns its id.
    func upload(_ text: String) throws -> ID {
        let id = ID()
        let file = try tools.uploads.create(house.workspace, id)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
        return id
    }
}

/// The result of an attempt that must be done.
func result(of verdict: Verdict) throws -> JSON {
    guard case .done(let result) = verdict else {
        Issue.record("not done but \(verdict)")
        throw Failure(.broken, "not done")
    }
    return try #require(result)
}

/// The failure of an attempt that must be dead.
func death(of verdict: Verdict) throws -> Failure {
    guard case .dead(let failure) = verdict else {
        Issue.record("not dead but \(verdict)")
        throw Failure(.broken, "not dead")
    }
    return failure
}
