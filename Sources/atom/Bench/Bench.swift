import ArgumentParser
import Core
import Foundation
import Logging
import NIOPosix
import Queue
import Redis

/// Measures the queue alone, on the Redis that `BENCH_PORT` names: what other queues' benchmarks measure too.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure enqueue, drain and latency of empty jobs (for scripts/bench).",
        subcommands: [
            BenchEnqueue.self, BenchPace.self, BenchWorker.self, BenchCeiling.self, BenchTrial.self,
        ])
}

/// What the benchmark's parts share: the connection, the queue and the body of a job.
struct BenchHouse: Sendable {
    let redis: Client
    let queue: Queue
    let body: String

    /// Reads `BENCH_PORT` and `BENCH_BODY`, which the benchmarks of other queues read too.
    init() throws {
        let values = Settings.bench
        redis = try Client(
            Endpoint("redis://127.0.0.1:\(values.port)/0"),
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
            name: "atom-bench", log: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        queue = Queue("bench", on: redis)
        body = String(repeating: "x", count: values.body)
    }

    func envelope(_ sequence: Int, _ feature: BenchFeature = .plain) -> Envelope {
        var arguments = JSONWriter(capacity: body.utf8.count + 64)
        arguments.raw("{\"seq\":")
        arguments.write(Int64(sequence))
        arguments.raw(",\"sent_ns\":")
        arguments.write(BenchHouse.clock_ns)
        arguments.raw(",\"body\":\"")
        arguments.raw(body.utf8)
        arguments.raw("\"}")
        var envelope = Envelope(name: BenchJob.name, arguments: arguments.bytes)
        feature.apply(to: &envelope, sequence)
        return envelope
    }

    static var clock_ns: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Prints how many were enqueued in how many seconds.
    static func report(_ count: Int, since start: ContinuousClock.Instant) {
        print("{\"n\": \(count), \"s\": \((ContinuousClock.now - start).seconds)}")
    }
}
