import ArgumentParser
import Core
import Foundation
import Logging
import Queue
import Scheduler
import ServiceLifecycle
import UnixSignals
import Work
import Worker

/// Runs the empty jobs until SIGTERM and records the start of each.
struct BenchWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", abstract: "Run the empty jobs.")

    func run() async throws {
        let house = try BenchHouse()
        let log = Logger(label: "bench")
        let tools = BenchRecord(path: Settings.bench.out)
        let runner = Runner(Catalogue<BenchRecord>([BenchJob.self, BenchAct.self]), tools: tools, log: log)
        var size = Worker<BenchRecord>.Settings()
        let successor = Successor()
        size.replace = successor.takeOver
        let worker = Worker(runner, queues: [(house.queue, 1)], on: house.redis, settings: size, log: log)
        let sweeper = Sweeper([house.queue], on: house.redis, names: runner.catalogue.offers, log: log)
        let group = ServiceGroup(
            services: [sweeper, worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        try await group.run()
    }
}

/// An empty job: it only records when it started.
struct BenchJob: Job {
    static let name = "bench"

    let seq: UInt64
    let sent_ns: Int64
    let body: String

    func run(_ context: Context<BenchRecord>) async throws -> Outcome {
        context.tools.write(seq, sent_ns)
        return .done
    }
}

/// The file of 24-byte records <sequence, sent_ns, started_ns>, one write each.
struct BenchRecord: Sendable {
    private let file: Int32

    init(path: String) { file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644) }

    func write(_ sequence: UInt64, _ sent_ns: Int64) {
        let record = (sequence.littleEndian, sent_ns.littleEndian, BenchHouse.clock_ns.littleEndian)
        _ = withUnsafeBytes(of: record) { Glibc.write(file, $0.baseAddress, $0.count) }
    }
}
