import Core
import Logging
import NIOCore
import Queue
import Work

/// Relieves a worker that has lost a thread to a job which never returns: it takes no more jobs, lets the
/// neighbours finish, and is replaced by a fresh process.
///
/// A job that was told to stop, lost its lane and still runs may hold a thread for ever, and no means of
/// Swift takes it back. Where even the last thread is lost, the neighbours cannot finish, and their jobs go
/// back to the queue.
struct Relief<Tools: Sendable> {
    /// What replaces the process, and after how long.
    let settings: Worker<Tools>.Settings
    let desk: Desk
    let lanes: Lanes<Tools>
    let watch: Watch<Tools>
    let pulse = Pulse()
    let log: Logger
    /// Strikes the worker from the book of workers.
    let leave: @Sendable () async -> Void

    private var began: ContinuousClock.Instant?
    private var emptied: ContinuousClock.Instant?
    private var isTold = false

    /// How long no thread of the pool answers before all of them count as lost.
    static var silence: Duration { .seconds(3) }
    /// How long the outcomes of the last jobs may take to reach Redis; what does not is taken back by others
    /// when its lease has run out.
    static var sending: Duration { .seconds(5) }

    init(
        _ settings: Worker<Tools>.Settings, _ watch: Watch<Tools>, leave: @escaping @Sendable () async -> Void
    ) {
        self.settings = settings
        self.watch = watch
        desk = watch.desk
        lanes = watch.lanes
        log = watch.log
        self.leave = leave
    }

    mutating func look(at now: ContinuousClock.Instant) async {
        guard began == nil else { return await relieve(at: now) }
        guard let since = lanes.deafSince else {
            isTold = false
            return
        }
        guard now - since > settings.patience, !isTold else { return }
        isTold = true
        guard settings.replace != nil else {
            return log.critical("a job given up does not return; it may hold a thread for ever")
        }
        log.critical("a job given up does not return; this worker ends its jobs and is replaced")
        began = now
        desk.with {
            $0.quiet()
            $0.release(worker: desk.worker)
        }
    }

    /// Lets the neighbours finish while they can, and makes room for the fresh process.
    private mutating func relieve(at now: ContinuousClock.Instant) async {
        pulse.feel(at: now)
        if pulse.silence(at: now) > Self.silence { watch.giveUp() }
        let (isIdle, isEmpty) = desk.with { ($0.running.isEmpty && $0.waitingCount == 0, $0.isEmpty) }
        guard isIdle else {
            emptied = nil
            return
        }
        emptied = emptied ?? now
        guard isEmpty || now - (emptied ?? now) > Self.sending else { return }
        await leave()
        log.notice("replacing this process")
        settings.replace?()
    }
}

extension Watch {
    /// No thread is left to run jobs: those that were told to stop end as they were told, the others go back.
    func giveUp() {
        let running = desk.with { $0.running }
        if !running.isEmpty {
            log.critical("no thread answers; jobs go back", metadata: ["jobs": "\(running.count)"])
        }
        for (lane, running) in running {
            let verdict =
                running.farewell?.verdict
                ?? running.stop.map { runner.verdict(on: $0, of: running.job.claim) } ?? .released
            if desk.with({ $0.end(lane, verdict, worker: desk.worker, at: .now) }) { lanes.abandon(lane) }
        }
    }
}
