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
        _ = state.withLock { $0.tasks.removeValue(forKey: lane) }
    }

    /// Waits until all lanes that were not abandoned have returned.
    func finish() async {
        for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
    }

    private func run(_ lane: Int) async {
        while let running = await desk.next(lane, begin: begin) {
            let verdict = await runner.attempt(
                running.job.claim, started: running.started, reporter: running.report,
                stop: { desk.with { $0.running[lane]?.stop } })
            let now = ContinuousClock.now
            let (isOurs, wasStopped) = desk.with { roster in
                let wasStopped = roster.running[lane]?.stop != nil
                return (roster.end(lane, verdict, worker: desk.worker, at: now), wasStopped)
            }
            guard isOurs else { return }
            // Its task is cancelled, or about to be: the next job must not be met by that.
            if wasStopped {
                _ = state.withLock { $0.tasks.removeValue(forKey: lane) }
                return open()
            }
        }
        _ = state.withLock { $0.tasks.removeValue(forKey: lane) }
    }

    private func begin(_ taken: Roster.Taken) -> Roster.Running {
        let now = ContinuousClock.now
        return Roster.Running(
            job: taken, report: Report(taken.claim, in: queues[taken.queue]), started: .now, since: now,
            timeout: runner.timeout(of: taken.claim.envelope), renewed: taken.since)
    }
}
