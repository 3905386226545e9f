import ArgumentParser
import Core
import Queue
import Redis

/// Measures what Redis allows: the same scripts in the same batches, from a loop that runs no job.
struct BenchCeiling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceiling", abstract: "Call the scripts in a tight loop without running jobs.")

    @Option(help: "Jobs enqueued one by one.") var singles = 10_000
    @Option(help: "Jobs enqueued in bulk, then worked off.") var count = 100_000
    @Option(help: "Jobs settled and claimed in one call.") var batch = 128

    func run() async throws {
        let house = try BenchHouse()
        let envelopes = (0..<singles).map { house.envelope($0) }
        let single = try await rate(singles) {
            for envelope in envelopes { try await house.queue.enqueue([envelope]) }
        }
        let chunks = stride(from: 0, to: count, by: BenchEnqueue.chunk).map { from in
            (from..<min(count, from + BenchEnqueue.chunk)).map { house.envelope($0) }
        }
        let bulk = try await rate(count) { for chunk in chunks { try await house.queue.enqueue(chunk) } }
        let work = try await rate(count + singles) { try await drain(house.queue) }
        let result: JSON = [
            "enqueue_single": .double(single), "enqueue_bulk": .double(bulk), "work": .double(work),
        ]
        print(result.text)
        await house.redis.close()
    }

    private func rate(_ jobs: Int, _ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (Double(jobs) / (ContinuousClock.now - start).seconds).rounded()
    }

    private func drain(_ queue: Queue) async throws {
        var shift = Queue.Shift()
        repeat {
            shift.wanted = batch
            let haul = try await queue.work(shift)
            shift.settlements = haul.claims.map {
                Settlement($0, .done(nil), started: .now, worker: "ceiling")
            }
        } while !shift.settlements.isEmpty
    }
}
