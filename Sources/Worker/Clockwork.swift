import NIOCore

/// Runs tasks on an event loop, so that they go on while every thread of Swift's own pool is busy.
///
/// A job in an endless loop holds a thread of that pool and never gives it back. Whoever renews leases and
/// settles outcomes must not need one.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension EventLoop {
    /// Waits by the loop's own timer (`Task.sleep` needs a thread of the pool to wake), or until the task is
    /// cancelled.
    nonisolated(nonsending) func pause(for time: Duration) async {
        let timer = scheduleTask(in: TimeAmount(time)) {}
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                timer.futureResult.whenComplete { _ in continuation.resume() }
            }
        } onCancel: {
            timer.cancel()
        }
    }
}
