import Core
import Queue
import Synchronization

/// The queues by name; remembers for a few seconds which of them Redis has in its list.
final class QueueBook: Sendable {
    private static let memory: Duration = .seconds(10)
    /// Queues that one page of a list looks into.
    static let visited = 50

    private let house: API.House
    private let registered = Mutex<[String: ContinuousClock.Instant]>([:])

    init(_ house: API.House) { self.house = house }

    subscript(name: String) -> Queue { Queue(name, on: house.redis, settings: house.queueSettings) }

    /// The queue, its name known to everybody. Throws `.limited` when there are too many queues.
    func open(_ name: String) async throws -> Queue {
        let queue = self[name]
        if registered.withLock({ $0[name] }).map({ $0 > .now }) ?? false { return queue }
        try await queue.register()
        registered.withLock { $0[name] = .now + Self.memory }
        return queue
    }

    /// The names of all queues that ever held a job, sorted.
    func names() async throws -> [String] {
        try await Queue.names(on: house.redis, prefix: house.queueSettings.prefix)
    }

    /// The book of workers.
    var workers: Workers { Workers(on: house.redis, prefix: house.queueSettings.prefix) }
}
