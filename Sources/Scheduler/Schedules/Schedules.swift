import Calendar
import Core
import Queue
import Redis
import Work

/// The schedules of every workspace: what people do with them.
public struct Schedules: Sendable {
    /// The schedules as Redis holds them.
    public let book: ScheduleBook
    private let redis: Client
    private let settings: Queue.Settings

    /// How often a change is tried again that met another change.
    private static let tries = 5

    /// - Parameter settings: those of the queues, whose prefix the schedules share.
    public init(on redis: Client, settings: Queue.Settings = Queue.Settings()) {
        self.redis = redis
        self.settings = settings
        book = ScheduleBook(on: redis, prefix: settings.prefix)
    }

    func queue(_ name: String) -> Queue { Queue(name, on: redis, settings: settings) }

    /// The schedule, or nil when the workspace has none of that name.
    public func find(_ workspace: String, _ name: String) async throws -> Standing? {
        guard Schedule.isName(name) else { return nil }
        return try await book.find(Schedule.id(workspace, name)).map { try Standing($0) }
    }

    /// The schedule. Throws `.missing` when the workspace has none of that name.
    public func get(_ workspace: String, _ name: String) async throws -> Standing {
        guard let plan = try await find(workspace, name) else {
            throw Failure(.missing, "There is no such schedule.")
        }
        return plan
    }

    /// The schedules of a workspace by name, from behind `cursor` on.
    public func list(_ workspace: String, after cursor: String? = nil, limit: Int) async throws -> [Standing]
    {
        let after = cursor.map { Schedule.id(workspace, $0) }
        return try await book.list("\(workspace):", after: after, limit: limit).map { try Standing($0) }
    }

    /// Makes a schedule or replaces the one of that name; a pause stays.
    ///
    /// - Parameter mayReplace: false to throw `.conflict` when there is one already.
    @discardableResult
    public func put(
        _ schedule: Schedule, source: Standing.Source = .api, mayReplace: Bool = true
    ) async throws -> Standing {
        try await queue(schedule.request.queue ?? JobRequest.defaultQueue).register()
        return try await change(schedule.workspace, schedule.name) { old, now in
            guard mayReplace || old == nil else {
                throw Failure(.conflict, "There is a schedule \(schedule.name) already.", at: "/name")
            }
            let plan = Standing(schedule, source: source, now: now, replacing: old)
            // A schedule that fires as before keeps its turn, which may be one that is due just now.
            let isAsBefore = old.map { $0.schedule.isTimed(like: schedule) } ?? false
            return (plan, isAsBefore ? .asIs : .at(plan.next))
        }
    }

    /// Removes a schedule; jobs that it enqueued stay. False when there was none.
    @discardableResult
    public func remove(_ workspace: String, _ name: String) async throws -> Bool {
        for _ in 0..<Self.tries {
            guard let plan = try await find(workspace, name) else { return false }
            if try await book.remove(plan.schedule.id, seen: plan.revision) { return true }
        }
        throw Self.contended
    }

    /// Lets a schedule rest until it is resumed. What would have fired meanwhile does not.
    @discardableResult
    public func pause(
        _ workspace: String, _ name: String, reason: String, by: String
    ) async throws -> Standing {
        try await change(workspace, name) { old, now in
            guard let old else { throw Failure(.missing, "There is no such schedule.") }
            return (old.paused(.init(reason: reason, by: by, since: now), now: now), .at(nil))
        }
    }

    /// Lets a paused schedule fire again, from now on.
    @discardableResult
    public func resume(_ workspace: String, _ name: String) async throws -> Standing {
        try await change(workspace, name) { old, now in
            guard let old else { throw Failure(.missing, "There is no such schedule.") }
            guard old.pause != nil else { return (old, .asIs) }
            let plan = old.paused(nil, now: now)
            return (plan, .at(plan.next))
        }
    }

    /// Makes a change from what is there, again and again until nobody else changed it meanwhile.
    private func change(
        _ workspace: String, _ name: String,
        _ make: (_ old: Standing?, _ now: Moment) throws -> (Standing, ScheduleBook.Turn)
    ) async throws -> Standing {
        for _ in 0..<Self.tries {
            let (old, now) = (try await find(workspace, name), try await book.now())
            let (plan, turn) = try make(old, now)
            let id = plan.schedule.id
            if try await book.write(id, plan.value, seen: plan.revision, turn: turn) != nil {
                return try await get(workspace, name)
            }
        }
        throw Self.contended
    }

    private static let contended = Failure(
        .conflict, "Others change this schedule at the same time. Try again.", retryAfter: .seconds(1))
}

extension Schedule {
    /// True when it has the same nominal times.
    fileprivate func isTimed(like other: Schedule) -> Bool {
        timing == other.timing && start == other.start && end == other.end && limit == other.limit
    }
}
