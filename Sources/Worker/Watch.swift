import Core
import Logging
import NIOCore
import Queue
import Work

/// Looks after what runs: renews leases, notes holders, ends what takes too long or is cancelled.
struct Watch<Tools: Sendable> {
    let desk: Desk
    let lanes: Lanes<Tools>
    let queues: [Queue]
    let runner: Runner<Tools>
    /// How long a job that was told to stop may still take before its lane is given up.
    let grace: Duration
    let loop: any EventLoop
    let log: Logger

    /// How often it looks. A job that runs through one look is shown with its worker.
    static var period: Duration { .milliseconds(200) }
    /// A claimed job that no lane begins within this goes back for others.
    static var hoard: Duration { .seconds(1) }

    /// Looks until the task is cancelled.
    func run(_ relief: Relief<Tools>) async {
        var relief = relief
        while !Task.isCancelled {
            await loop.pause(for: Self.period)
            if Task.isCancelled { return }
            await relief.look(at: .now)
            if desk.with({ $0.isEmpty }) { continue }
            look(at: .now)
            for queue in queues.indices { await renew(queue) }
        }
    }

    /// Ends what is over its time.
    private func look(at now: ContinuousClock.Instant) {
        desk.with { $0.release(takenBefore: now - Self.hoard, worker: desk.worker) }
        for (lane, running) in desk.with({ $0.running }) {
            if let farewell = running.farewell {
                if now - farewell.since > Runner<Tools>.farewellLimit { lanes.hush(lane) }
                if now - farewell.since > Runner<Tools>.farewellLimit + grace { abandon(lane, running) }
            } else if let stopped = running.stopped {
                if now - stopped > grace { abandon(lane, running) }
            } else if now - running.since > running.timeout {
                stop(running.job.claim.delivery, .timedOut)
            }
        }
    }

    /// Tells a delivery to stop, if it runs here.
    func stop(_ delivery: Delivery, _ reason: Stop) {
        let lane = desk.with { roster -> Int? in
            guard let lane = roster.lane(of: delivery), let running = roster.running[lane],
                running.stop == nil, running.farewell == nil
            else { return nil }
            roster.update(lane) { running in
                running.stop = reason
                running.stopped = .now
            }
            return lane
        }
        if let lane { lanes.cancel(lane) }
    }

    /// The job does not heed its cancellation: it is settled without it, its later words count no more, and
    /// another lane takes its place.
    func abandon(_ lane: Int, _ running: Roster.Running) {
        guard let verdict = running.farewell?.verdict ?? running.stop.map(verdict(of: running)) else {
            return
        }
        log.error("job ignores its cancellation", metadata: ["job": "\(running.job.claim.delivery.text)"])
        if running.farewell == nil, case .dead(let failure) = verdict {
            desk.with { roster in
                roster.update(lane) {
                    $0.isAbandoned = true
                    $0.farewell = Roster.Farewell(verdict: verdict, since: .now)
                }
            }
            lanes.bury(running, failure, verdict, on: lane)
        } else {
            let isOurs = desk.with { $0.end(lane, verdict, worker: desk.worker, at: .now) }
            // The place of a lane given up before was taken then.
            guard isOurs, !running.isAbandoned else { return }
        }
        lanes.abandon(lane)
        lanes.open()
    }

    private func verdict(of running: Roster.Running) -> (Stop) -> Verdict {
        { runner.verdict(on: $0, of: running.job.claim) }
    }

    /// Extends the leases of one queue that have used up a third, and notes who holds a job seen for the
    /// first time.
    private func renew(_ index: Int) async {
        let (queue, now) = (queues[index], ContinuousClock.now)
        // The mark comes before the call: were it lost on the way back, the end must still clear the holder
        // away.
        let due = desk.with { roster in
            let due = roster.running.filter { _, running in
                running.job.queue == index
                    && (!running.isNoted || now - running.renewed > queue.settings.lease / 3)
            }.prefix(Queue.batchLimit)
            for (lane, _) in due { roster.update(lane) { $0.isNoted = true } }
            return due
        }
        guard !due.isEmpty else { return }
        let renewals = due.map { _, running in
            Queue.Renewal(
                running.job.claim.delivery,
                holder: running.isNoted ? nil : .init(worker: desk.worker, started: running.started))
        }
        do {
            let renewed = try await queue.renew(renewals)
            // Those that are lost first: none of them may seem to be held for a moment.
            for delivery in renewed.lost { stop(delivery, .lost) }
            for (delivery, reason) in renewed.cancelled { stop(delivery, .cancelled(reason)) }
            desk.with { roster in
                // A lane may have gone on to another job meanwhile, which was not renewed.
                for (lane, running) in due
                where roster.running[lane]?.job.claim.delivery == running.job.claim.delivery {
                    roster.update(lane) { $0.renewed = now }
                }
            }
        } catch {
            log.warning("leases not renewed", metadata: ["error": "\(error)", "jobs": "\(due.count)"])
        }
    }
}
