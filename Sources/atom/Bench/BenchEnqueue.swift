import ArgumentParser
import Core
import Queue
import Redis

/// Enqueues empty jobs as fast as one producer can.
struct BenchEnqueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enqueue", abstract: "Enqueue N empty jobs.")

    /// Jobs in one call of the bulk mode.
    static let chunk = 500
    /// Calls before the clock starts.
    static let warmUp = 20

    enum Mode: String, ExpressibleByArgument { case single, bulk }

    @Argument(help: "How many jobs.") var count: Int
    @Argument(help: "single: one call a job, each awaited; bulk: \(BenchEnqueue.chunk) a call.") var mode:
        Mode
    @Option(help: "What each job asks for beside being run.") var feature = BenchFeature.plain

    func run() async throws {
        let house = try BenchHouse()
        try await feature.prepare(house)
        for sequence in 0..<Self.warmUp { try await enqueue(house, sequence..<(sequence + 1)) }
        let start = ContinuousClock.now
        switch mode {
        case .single:
            for sequence in Self.warmUp..<count { try await enqueue(house, sequence..<(sequence + 1)) }
        case .bulk:
            for from in stride(from: Self.warmUp, to: count, by: Self.chunk) {
                try await enqueue(house, from..<min(count, from + Self.chunk))
            }
        }
        BenchHouse.report(count - Self.warmUp, since: start)
        await house.redis.close()
    }

    private func enqueue(_ house: BenchHouse, _ sequences: Range<Int>) async throws {
        try await house.queue.enqueue(sequences.map { house.envelope($0, feature) })
    }
}

/// Enqueues empty jobs at a steady rate.
struct BenchPace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pace", abstract: "Enqueue at a steady rate.")

    @Argument(help: "Jobs a second.") var rate: Double
    @Argument(help: "For how many seconds.") var seconds: Double

    func run() async throws {
        let house = try BenchHouse()
        let (count, start) = (Int(rate * seconds), ContinuousClock.now)
        for sequence in 0..<count {
            try await Task.sleep(until: start + .seconds(Double(sequence) / rate), tolerance: .zero)
            try await house.queue.enqueue([house.envelope(sequence)])
        }
        BenchHouse.report(count, since: start)
        await house.redis.close()
    }
}
