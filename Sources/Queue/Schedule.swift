import Core
import Redis

extension ScheduleBook {
    /// When the next turn of a schedule is once it is written.
    public enum Turn: Sendable {
        /// As before the change.
        case asIs
        /// At this nominal time; nil for none.
        case at(Moment?)
    }

    /// Writes a schedule, if its revision is still `seen` (0: there is none yet).
    ///
    /// - Returns: the new revision; nil when somebody else has changed it since.
    /// - Throws: `Failure(.limited)` when there are too many schedules.
    public func write(_ id: String, _ value: JSON, seen: Int64, turn: Turn) async throws -> Int64? {
        let next =
            switch turn {
            case .asIs: "="
            case .at(let moment): moment.map { String($0.milliseconds) } ?? ""
            }
        let reply = try await run(
            Scripts.schedule, [id, String(seen), value.text, next, String(Self.most)])
        guard let revision = reply.integer, revision != 0 else { return nil }
        guard revision > 0 else {
            throw Failure(.limited, "There are \(Self.most) schedules already; remove some first.")
        }
        return revision
    }

    /// Removes a schedule, if its revision is still `seen`; false when somebody else has changed it since.
    public func remove(_ id: String, seen: Int64) async throws -> Bool {
        try await run(Scripts.schedule, [id, String(seen), "", "", String(Self.most)]).integer != 0
    }
}
