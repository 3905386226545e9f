import Core
import Logging
import Redis
import TestHouse

@testable import Queue
@testable import Scheduler

/// Schedules of one test's own in a real Redis, and what they enqueue.
struct Almanac: Sendable {
    let redis: Client
    let schedules: Schedules
    let settings: Queue.Settings
    static let workspace = "acme"

    init() throws {
        var settings = Queue.Settings()
        settings.prefix = TestRedis.freshPrefix()
        var limits = Limits()
        (limits.connectPatience, limits.dialPatience, limits.replyPatience) = (
            .seconds(30), .seconds(20), .seconds(30)
        )
        redis = try Client(Endpoint(TestRedis.url), name: settings.prefix, limits: limits)
        self.settings = settings
        schedules = Schedules(on: redis, settings: settings)
    }

    var queue: Queue { Queue("default", on: redis, settings: settings) }

    /// A ticker as one more process would have it.
    func ticker() throws -> Ticker {
        Ticker(schedules, on: redis, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @discardableResult
    func put(_ timing: JSON, _ more: JSON = [:], name: String = "report") async throws -> Standing {
        let job: JSON = ["name": "act", "arguments": ["a": 1]]
        let spec = JSON.object([.init("timing", timing), .init("job", job)] + (more.members ?? []))
        return try await schedules.put(Schedule(spec, name: name, workspace: Self.workspace))
    }

    func plan(_ name: String = "report") async throws -> Standing {
        try await schedules.get(Self.workspace, name)
    }

    /// Sets the clock of the schedule back: its turn was so long ago.
    func turnBack(_ name: String = "report", to nominal: Moment) async throws {
        let book = schedules.book
        _ = try await book.send([
            Command("ZADD", book.key(.turns), String(nominal.milliseconds), "\(Self.workspace):\(name)")
        ])
    }

    /// Fires until nothing is due.
    func fireAll(_ ticker: Ticker) async throws {
        while try await ticker.fire() == .zero {}
    }

    /// The jobs that wait or are scheduled, the oldest id first.
    func jobs() async throws -> [Envelope] {
        let values = try await redis.send(Command("HVALS", queue.keys.jobs)).array ?? []
        return try values.compactMap(\.bytes).map { try Envelope($0) }.sorted { $0.id < $1.id }
    }
}
