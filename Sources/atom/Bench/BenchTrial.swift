import ArgumentParser
import Core
import Queue
import Redis
import Work

/// Enqueues jobs that sleep and, beside them, one that never ends: it shows what such a job costs the others.
struct BenchTrial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trial", abstract: "Enqueue jobs that sleep, and one that never ends.")

    @Option(help: "The workspace that may cancel them.") var workspace: String
    @Option(help: "How many sleep.") var naps: Int
    @Option(help: "How long each sleeps, in ms.") var napMs: Int
    @Flag(help: "One that never ends, too.") var spin = false

    func run() async throws {
        let house = try BenchHouse()
        var envelopes = try (0..<naps).map { _ in
            try Envelope(BenchAct(nap_ms: napMs), workspace: workspace)
        }
        if spin { envelopes.append(try Envelope(BenchAct(nap_ms: nil), workspace: workspace)) }
        try await house.queue.enqueue(envelopes)
        let ids = envelopes.map { JSON.string($0.id.text) }
        let result: JSON = ["naps": .array(Array(ids.prefix(naps))), "spin": spin ? ids[naps] : .null]
        print(result.text)
        await house.redis.close()
    }
}

/// A job that sleeps, or holds its thread for ever.
struct BenchAct: Job {
    static let name = "act"

    let nap_ms: Int?

    func run(_ context: Context<BenchRecord>) async throws -> Outcome {
        guard let nap_ms else { while true {} }
        try await Task.sleep(for: .milliseconds(nap_ms))
        return .done
    }
}
