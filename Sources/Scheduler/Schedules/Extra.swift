import Calendar
import Core
import Queue
import Work

extension Schedules {
    /// Enqueues the schedule's job now, paused or not; the overlap rule holds for it as for others.
    ///
    /// - Returns: the job's id; nil when the overlap rule left it out.
    public func trigger(_ workspace: String, _ name: String, by: String) async throws -> ID? {
        let schedule = try await get(workspace, name).schedule
        let now = try await book.now()
        let order = try schedule.order(nil, now: now)
        let admission = try await queue(order.queue).admit(order.envelope)
        try await book.note(schedule.id, admission.note(order.envelope.id, nominal: nil, now: now, by: by))
        return admission.job(order.envelope.id)
    }

    /// Enqueues the jobs of all nominal times in a range that have none yet.
    ///
    /// - Parameters:
    ///   - range: from its lower bound on and before its upper one; it may lie in the past or in the future.
    ///   - overlap: the rule for these firings, where it is not the schedule's own.
    /// - Returns: the ids of the jobs enqueued, in order.
    /// - Throws: `Failure(.limited)` when the range holds more than `Schedule.Limits.backfill` firings.
    public func backfill(
        _ workspace: String, _ name: String, _ range: Range<Moment>, overlap: Schedule.Overlap? = nil
    ) async throws -> [ID] {
        let schedule = try await get(workspace, name).schedule
        let times = try schedule.timing.firings(in: range, most: Schedule.Limits.backfill)
        let now = try await book.now()
        var ids: [ID] = []
        for nominal in times {
            let id = Firing(schedule: schedule, nominal: nominal).id
            let order = try schedule.order(id, now: now, overlap: overlap ?? .bufferAll)
            if case .accepted = try await queue(order.queue).admit(order.envelope) {
                ids.append(order.envelope.id)
            }
        }
        return ids
    }
}

extension Queue.Admission {
    /// The job that stands for the one asked for; nil where it was left out.
    func job(_ id: ID) -> ID? {
        switch self {
        case .accepted, .known: id
        case .repeated(let other), .held(let other), .existing(let other): other
        case .mismatched, .dropped, .full, .stale: nil
        }
    }

    /// What the book remembers of a firing.
    func note(_ id: ID, nominal: Moment?, now: Moment, by: String? = nil) -> JSON {
        let outcome =
            switch self {
            case .accepted: "enqueued"
            case .known, .repeated: "known"
            case .held, .existing: "held"
            case .dropped, .full, .mismatched, .stale: "left out"
            }
        let members: [(String, String?)] = [
            ("nominal", nominal?.text), ("at", now.text), ("outcome", outcome), ("job", job(id)?.text),
            ("by", by),
        ]
        return .object(members.compactMap { name, text in text.map { .init(name, .string($0)) } })
    }
}
