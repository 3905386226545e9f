import Core
import Logging
import Queue
import Redis
import ServiceLifecycle
import Work

/// Fires the schedules whose turn has come.
///
/// Every worker process runs one and none leads: a firing enqueues its job and moves the schedule's turn in
/// one script, which does neither when another process was first. What is due Redis' clock decides, so that
/// the clocks of the processes may differ.
public struct Ticker: Service {
    /// The longest it sleeps; a turn whose ticker died is found at most so long after.
    public static let period: Duration = .seconds(5)
    /// How long after the turn it looks, at most: the processes come one after the other.
    static let spread: Duration = .milliseconds(40)
    /// The most firings that are counted as missed in one step.
    static let missedLimit = 10_000

    private let schedules: Schedules
    private let redis: Client
    private let log: Logger

    public init(_ schedules: Schedules, on redis: Client, log: Logger) {
        self.schedules = schedules
        self.redis = redis
        self.log = log
    }

    /// Runs until the surrounding group shuts down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { await tick() }
    }

    private func tick() async {
        let blocker = redis.blocker()
        while !Task.isCancelled {
            do {
                let wait = try await fire()
                guard wait > .zero else { continue }
                let pause = min(wait + Self.spread * Double.random(in: 0...1), Self.period)
                _ = try await schedules.book.awaitAlarm(on: blocker, for: max(pause, .milliseconds(1)))
            } catch {
                if Task.isCancelled { break }
                log.debug("tick failed", metadata: ["error": "\(error)"])
                // A cancelled sleep ends the loop.
                try? await Task.sleep(for: .milliseconds(Int64.random(in: 200..<800)))
            }
        }
        await blocker.close()
        // The others may not know when the next turn is; this one did. Without Redis they find it by
        // themselves.
        try? await schedules.book.passAlarmOn()
    }

    /// Fires what is due; the time until there is more.
    func fire() async throws -> Duration {
        let due = try await schedules.book.due()
        var isStuck = !due.damaged.isEmpty
        for id in due.damaged { log.error("a schedule cannot be read", metadata: ["schedule": "\(id)"]) }
        for entry in due.entries {
            do { try await step(entry, now: due.now) } catch let failure as Failure
                where failure.kind != .unavailable
            {
                isStuck = true
                log.error(
                    "a schedule cannot fire",
                    metadata: ["schedule": "\(entry.id)", "error": "\(failure.message)"])
            }
        }
        // What cannot fire stays due; without a pause it would be tried without end.
        if isStuck { return Self.period }
        return due.entries.isEmpty ? due.wait ?? Self.period : .zero
    }

    /// Fires one turn, or leaves out what is too late for it.
    func step(_ entry: ScheduleBook.Entry, now: Moment) async throws {
        let plan = try Standing(entry)
        guard let turn = entry.next else { return }
        let oldest = now - plan.schedule.catchUp
        if turn < oldest { return try await pass(entry, plan, to: oldest) }
        let order = try Firing(schedule: plan.schedule, nominal: turn).order(now: now)
        let next = plan.schedule.next(after: turn, until: plan.last)
        guard let ticket = schedules.book.ticket(entry, next: next) else { return }
        let admission = try await schedules.queue(order.queue).admit(order.envelope, ticket: ticket)
        if admission == .stale { return }
        try await schedules.book.note(
            entry.id, admission.note(order.envelope.id, nominal: turn, now: now))
    }

    /// Moves the turn to the first nominal time that is not too late.
    private func pass(_ entry: ScheduleBook.Entry, _ plan: Standing, to oldest: Moment) async throws {
        guard let turn = entry.next else { return }
        var (next, missed): (Moment?, Int) = (turn, 0)
        while let late = next, late < oldest, missed < Self.missedLimit {
            (next, missed) = (plan.schedule.next(after: late, until: plan.last), missed + 1)
        }
        if try await schedules.book.pass(entry, to: next, missed: missed) {
            log.notice(
                "left out firings that came too late",
                metadata: ["schedule": "\(entry.id)", "missed": "\(missed)"])
        }
    }
}
