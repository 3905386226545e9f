import Dispatch
import Foundation
import Synchronization
import Worker

/// Puts a fresh process in the place of a worker that a job got stuck in, unless the worker was asked to end:
/// then it ends.
final class Successor: Sendable {
    private let isAskedToEnd = Atomic(false)
    // Kept alive and never touched again, so that no two threads meet over them.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// Begins to listen for SIGTERM and SIGINT, on a thread of its own: what else listens may be stuck.
    init() {
        let queue = DispatchQueue(label: "successor")
        sources = [SIGTERM, SIGINT].map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
        for source in sources {
            source.setEventHandler { self.isAskedToEnd.store(true, ordering: .relaxed) }
            source.activate()
        }
    }

    func takeOver() {
        if isAskedToEnd.load(ordering: .relaxed) { _exit(EXIT_SUCCESS) }
        Replacement.run()
    }
}
