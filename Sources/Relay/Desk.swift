import NIOCore

/// Does what needs an answer from elsewhere, a fixed number of things at once and a bounded number waiting.
final class Desk: Sendable {
    typealias Errand = @Sendable () async -> Void

    private let width: Int
    private let errands: AsyncStream<Errand>
    private let intake: AsyncStream<Errand>.Continuation

    init(_ limits: Relay.Limits) {
        width = limits.errands
        (errands, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.waitingErrands))
    }

    /// False when too much waits already.
    func take(_ errand: @escaping Errand) -> Bool {
        if case .enqueued = intake.yield(errand) { true } else { false }
    }

    /// Works until `close` was called and everything taken is done.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await errand in errands {
                if running == width { await group.next() } else { running += 1 }
                group.addTask(operation: errand)
            }
        }
    }

    func close() { intake.finish() }
}
