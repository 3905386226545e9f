import Core
import Logging
import NIOCore
import Queue
import Redis

/// The loop that talks to Redis: settles what ended and claims what may start, one call in flight, no timer.
///
/// It lives on the event loop of the connection, so that a reply is read, shared out and answered without
/// changing threads. Whatever ends while a call is under way rides on the next one.
actor Engine {
    private let desk: Desk
    private let queues: [Queue]
    private let redis: Client
    private let log: Logger
    nonisolated private let loop: any EventLoop

    /// The pause after a failed call, doubled up to `pauseLimit`.
    private static let firstPause: Duration = .milliseconds(50)
    private static let pauseLimit: Duration = .seconds(1)

    init(desk: Desk, queues: [Queue], redis: Client, log: Logger) {
        self.desk = desk
        self.queues = queues
        self.redis = redis
        self.log = log
        loop = redis.eventLoop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// Runs until the desk is closed.
    func run() async {
        var pause = Self.firstPause
        while await desk.untilCallDue() {
            do {
                try await call()
                pause = Self.firstPause
            } catch {
                log.warning("redis call failed", metadata: ["error": "\(error)"])
                // The jitter keeps a fleet of workers from coming back in step.
                await loop.pause(for: pause * Double.random(in: 0.5..<1))
                pause = min(pause * 2, Self.pauseLimit)
            }
        }
    }

    /// One round trip for all queues. Outcomes that could not be sent stay for the next one: a script that
    /// did run refuses them the second time, so nothing is settled twice.
    func call() async throws {
        let shifts = desk.with { $0.shifts() }
        guard !shifts.isEmpty else { return }
        defer { desk.with { $0.isSending = false } }
        do {
            let replies = try await redis.run(shifts.map { queues[$0.queue].call(for: $0.shift) })
            // One queue's trouble must not cost what another's call brought.
            let faults = zip(replies, shifts).compactMap { reply, shift in take(reply, shift) }
            desk.callAnother()
            if let fault = faults.first { throw fault }
        } catch let fault as Fault {
            desk.with { $0.restore(shifts) }
            throw fault
        }
    }

    /// Shares out what one queue's call brought. What went wrong, if it did; then its outcomes stay for the
    /// next call.
    private func take(_ reply: Reply, _ sent: (queue: Int, shift: Queue.Shift)) -> Failure? {
        do {
            let haul = try queues[sent.queue].haul(from: try reply.unwrap())
            for delivery in haul.refused {
                log.notice("late settlement refused", metadata: ["job": "\(delivery.text)"])
            }
            desk.with { $0.take(haul, from: sent.queue, asked: sent.shift, at: .now) }
            return nil
        } catch {
            desk.with { $0.restore([sent]) }
            return error as? Failure ?? Failure(.broken, "A call of the queue failed.", cause: error)
        }
    }
}
