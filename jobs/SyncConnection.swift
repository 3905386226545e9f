import Automation
import Core
import Logging
import Work

/// Brings what a provider holds here through one connection: page by page, each with its place in one
/// transaction, so that an attempt goes on where the one before was stopped.
struct SyncConnection: Job {
    static let name = SyncOrder.job
    static let area = "integrations"
    static let policy = Policy(
        attempts: 8, timeout: .seconds(900),
        backoff: .exponential(first: .seconds(5), most: .seconds(1_800)),
        // A provider that says when to come back has lost no patience with us.
        rules: [.limited: .always])

    let connection_id: ID
    /// Reads all there is again, also what seems not to have changed.
    let full: Bool?

    /// How long before its end an attempt leaves the rest to another.
    private static let margin: Duration = .seconds(90)
    /// How often one attempt begins a stream anew.
    private static let mostRestarts = 2

    func run(_ context: Context<Tools>) async throws -> Outcome {
        let connection = try await context.tools.connections.open(connection_id, in: try context.owner)
        let ledger = SyncLedger(connection, context.tools.store)
        do {
            return try await read(connection, ledger, context)
        } catch let failure as Failure {
            try await ledger.failed(failure)
            throw failure
        }
    }

    private func read(
        _ connection: Connection, _ ledger: SyncLedger, _ context: Context<Tools>
    ) async throws -> Outcome {
        let run = try SyncRun(connection, context.tools)
        let streams = try await run.streams()
        var (results, trouble): ([JSON.Member], [String]) = ([], [])
        for (index, stream) in streams.enumerated() {
            if full == true { try await run.restart(stream, before: context.created) }
            let percent = 100 * Double(index) / Double(streams.count)
            do {
                guard let tally = try await read(stream, run, context, percent) else {
                    return .again(after: .zero)
                }
                results.append(.init(stream, tally.json))
                for reason in tally.reasons { try await context.note("\(stream): \(reason)") }
            } catch let failure as Failure where [.invalid, .missing, .forbidden].contains(failure.kind) {
                // One stream that cannot be read is no reason to leave out the others.
                trouble.append("\(stream): \(failure.message)")
                try await context.note("\(stream): \(failure.message)")
            }
        }
        try await watch(connection, streams, context)
        try await ledger.done(trouble)
        return .result([
            "streams": .object(results), "trouble": .array(trouble.map(JSON.string)),
        ])
    }

    /// Has the provider tell of changes at once. Without that they come with the next reading, so that
    /// nothing fails for it.
    private func watch(
        _ connection: Connection, _ streams: [String], _ context: Context<Tools>
    ) async throws {
        do {
            try await SyncChannels(connection, context.tools).renew(streams, at: context.now)
        } catch let failure as Failure {
            try await context.note("There is no channel for changes: \(failure.message)")
        }
    }

    /// What was done to one stream; nil where the time of the attempt ends before the stream does.
    private func read(
        _ stream: String, _ run: SyncRun, _ context: Context<Tools>, _ percent: Double
    ) async throws -> SyncTally? {
        var (tally, restarts) = (SyncTally(), 0)
        while true {
            try Task.checkCancellation()
            let step = try await run.step(stream)
            tally += step.tally
            restarts += step.isRestart ? 1 : 0
            guard restarts <= Self.mostRestarts else {
                throw Failure(
                    .unavailable, "\(stream) is forgotten again and again.", retryAfter: .seconds(600))
            }
            if step.isLast { return tally }
            guard context.deadline - .now > Self.margin else { return nil }
            try await context.progress(percent, "\(stream): \(tally.created) new, \(tally.updated) changed")
        }
    }
}
