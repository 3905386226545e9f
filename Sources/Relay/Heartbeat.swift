import Core
import Logging
import Queue

/// Says in Redis, again and again, that this relay lives and how many listen, for whoever looks after it.
struct Heartbeat: Sendable {
    private static let period: Duration = .seconds(2)

    let book: Workers
    let parts: Parts

    /// Runs until its task is cancelled, and strikes the relay off then.
    func run() async throws {
        let id = ID().text
        while !Task.isCancelled {
            do {
                try await book.beat(id, about: about)
            } catch let failure as Failure {
                parts.log.debug("no heartbeat of the relay", metadata: ["error": "\(failure)"])
            }
            do { try await Task.sleep(for: Self.period) } catch { break }
        }
        // A cancelled task could not wait for the answer.
        let book = book
        try? await Task { try await book.leave(id) }.value
    }

    private var about: JSON {
        let metrics = parts.exchange.metrics
        return [
            "connections": .integer(Int64(metrics.connections)),
            "events_sent": .integer(Int64(metrics.eventsSent)),
            "ready": .bool(parts.exchange.isOpen),
        ]
    }
}
