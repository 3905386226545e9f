import Dispatch
import Foundation
import ServiceLifecycle

/// Hears SIGTSTP, by which an operator asks a worker to take no more jobs while it ends those it has.
struct Quieting: Service {
    let quiet: @Sendable () -> Void

    func run() async throws {
        // Without this the signal would stop the whole process.
        signal(SIGTSTP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTSTP, queue: .global())
        source.setEventHandler(handler: quiet)
        source.activate()
        try? await gracefulShutdown()
        source.cancel()
    }
}
