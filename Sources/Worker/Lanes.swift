import Core
import Logging
import Queue
import Synchronization
import Work

/// The lanes of a worker: each runs one job after the other.
///
/// A lane is a task of its own, outside of any group, because a group cannot cancel one of its children: a
/// job is stopped by cancelling its lane, which then makes room for a new one. The drain waits for all of
/// them.
final class Lanes<Tools: Sendable>: Sendable {
    private struct State {
        var next = 0
        var tasks: [Int: Task<Void, Never>] = [:]
        /// The hooks of jobs that have failed for the last time, by lane.
        var hooks: [Int: Task<Void, Never>] = [:]
        /// Lanes given up whose jobs still run, since when.
        var deaf: [Int: ContinuousClock.Instant] = [:]
    }

    private let desk: Desk
    private let queues: [Queue]
    private let runner: Runner<Tools>
    private let state = Mutex(State())

    init(desk: Desk, queues: [Queue], runner: Runner<Tools>) {
        self.desk = desk
        self.queues = queues
        self.runner = runner
    }

    /// Opens a lane.
    func open() {
        state.withLock { state in
            let lane = state.next
            state.next += 1
            state.tasks[lane] = Task { await self.run(lane) }
        }
    }

    /// Cancels the job that the lane runs.
    func cancel(_ lane: Int) {
        state.withLock { $0.tasks[lane] }?.cancel()
    }

    /// Stops counting on a lane whose job does not heed its cancellation.
    func abandon(_ lane: Int) {
        state.withLock { state in
            if state.tasks.removeValue(forKey: lane) != nil { state.deaf[lane] = .now }
        }
    }

    /// When the first of the jobs was given up that still run; nil when there is none.
    var deafSince: ContinuousClock.Instant? { state.withLock { $0.deaf.values.min() } }

    /// Waits until all lanes that were not abandoned have returned.
    func finish() async {
        for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
    }

    private func run(_ lane: Int) async {
        while let running = await desk.next(lane, begin: begin) {
            let delivery = running.job.claim.delivery
            let verdict = await Mandate.during({ [desk] in desk.holds(delivery, on: lane) }) {
                await runner.attempt(
                    running.job.claim, started: running.started, reporter: running.report,
                    stop: { [desk] in desk.stop(of: delivery, on: lane) })
            }
            if case .dead(let failure) = verdict { await tell(running, on: lane, failure, verdict) }
            let now = ContinuousClock.now
            let (isOurs, wasStopped) = desk.with { roster -> (Bool, Bool) in
                guard let current = roster.running[lane], !current.isAbandoned else { return (false, false) }
                return (roster.end(lane, verdict, worker: desk.worker, at: now), current.stop != nil)
            }
            if case .dead = verdict { hush(lane) }
            guard isOurs else { break }
            // Its task is cancelled, or about to be: the next job must not be met by that.
            if wasStopped {
                _ = state.withLock { $0.tasks.removeValue(forKey: lane) }
                return open()
            }
        }
        state.withLock { state in
            state.tasks[lane] = nil
            state.deaf[lane] = nil
        }
    }

    /// Tells a job of the lane that it has failed for the last time, unless somebody else does.
    private func tell(
        _ running: Roster.Running, on lane: Int, _ failure: Failure, _ verdict: Verdict
    ) async {
        let isOurs = desk.with { roster in
            guard let current = roster.running[lane], current.farewell == nil else { return false }
            roster.update(lane) { $0.farewell = Roster.Farewell(verdict: verdict, since: .now) }
            return true
        }
        if isOurs { await farewell(running, failure, on: lane).value }
    }

    /// Tells a job whose lane was given up that it has failed for the last time, then settles it.
    func bury(_ running: Roster.Running, _ failure: Failure, _ verdict: Verdict, on lane: Int) {
        let hook = farewell(running, failure, on: lane)
        Task {
            await hook.value
            _ = desk.with { $0.end(lane, verdict, worker: desk.worker, at: .now) }
        }
    }

    /// Runs the hook in a task of its own, because the lane's may be cancelled.
    private func farewell(_ running: Roster.Running, _ failure: Failure, on lane: Int) -> Task<Void, Never> {
        let hook = Task { await runner.exhausted(running.job.claim, failure, reporter: running.report) }
        state.withLock { $0.hooks[lane] = hook }
        return hook
    }

    /// Cancels the hook that the lane runs.
    func hush(_ lane: Int) {
        state.withLock { $0.hooks.removeValue(forKey: lane) }?.cancel()
    }

    private func begin(_ taken: Roster.Taken) -> Roster.Running {
        let now = ContinuousClock.now
        let started = Moment.now
        let queue = queues[taken.queue]
        return Roster.Running(
            job: taken, report: Report(taken.claim, in: queue), started: started, since: now,
            timeout: runner.timeout(of: taken.claim.envelope, from: started), lease: queue.settings.lease,
            renewed: taken.asked)
    }
}
