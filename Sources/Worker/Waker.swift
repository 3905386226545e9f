import Core
import Logging
import Queue
import Redis

/// Waits in BLPOP while some queue is empty, so that nobody polls.
struct Waker {
    let desk: Desk
    let queues: [Queue]
    let redis: Client
    let log: Logger

    /// After so long without a token a worker looks by itself: a token may have died with the worker that
    /// took it.
    static let patience: Duration = .seconds(15)

    func run() async {
        let blocker = redis.blocker()
        while !Task.isCancelled {
            guard await !desk.untilHungry().isEmpty else { break }
            do {
                // To all of them: one that empties while this waits must be heard too.
                let woken = try await Queue.awaitWork(
                    in: queues, Array(queues.indices), on: blocker, for: Self.patience)
                let isFull = desk.with { roster in
                    roster.heard(of: woken)
                    return roster.room == 0
                }
                if isFull, let woken { try await queues[woken].passOn() }
            } catch is CancellationError {
                break
            } catch {
                log.debug("waiting for work failed", metadata: ["error": "\(error)"])
                await redis.eventLoop.pause(for: .milliseconds(Int64.random(in: 100..<500)))
                desk.with { $0.heard(of: nil) }
            }
        }
        await blocker.close()
    }
}
