import Calendar
import Core
import Queue
import Work

/// What is to be enqueued when: a timing, a job, and the rules for what comes late, overlaps or is too much.
public struct Schedule: Sendable {
    /// What becomes of a firing while the job of an earlier one has not ended.
    public enum Overlap: String, Sendable, CaseIterable {
        /// It is left out.
        case skip
        /// One waits until the running job has ended; others are left out.
        case bufferOne = "buffer_one"
        /// All wait for their turn.
        case bufferAll = "buffer_all"
        /// The running job is asked to stop; then this one runs.
        case cancelOther = "cancel_other"
        /// The running job is ended at once.
        case terminateOther = "terminate_other"
        /// They run beside each other.
        case allowAll = "allow_all"

        /// The same in the words of the queue; nil where jobs do not keep out of each other's way.
        var overflow: Overflow? {
            switch self {
            case .skip: .dropNew
            case .bufferOne: .bufferOne
            case .bufferAll: .queue
            case .cancelOther: .supersede
            case .terminateOther: .terminate
            case .allowAll: nil
            }
        }
    }

    /// Its name within its workspace; see `isName`.
    public let name: String
    /// Whose schedule it is.
    public let workspace: String
    public let timing: Timing
    /// The job, as `POST /api/jobs` takes it.
    public let job: JSON
    public let overlap: Overlap
    /// How late a firing may be made up for; what is later is left out and counted.
    public let catchUp: Duration
    /// The longest delay by which firings are spread.
    public let jitter: Duration
    /// No firing before this.
    public let start: Moment?
    /// No firing after this.
    public let end: Moment?
    /// How many nominal times it has from its start on, or from when it was made.
    public let limit: Int?
    public let about: String?

    let request: JobRequest

    /// The bounds of what a schedule may ask for.
    public enum Limits {
        public static let catchUp_s = 0.0...31_536_000.0
        public static let jitter_s = 0.0...86_400.0
        public static let count = 1...10_000
        public static let about = 500
        /// Firings that one backfill may make.
        public static let backfill = 1_000
        /// Firings that one preview shows.
        public static let preview = 1_000
    }

    /// True when `name` may name a schedule: 1 to 64 of a-z, 0-9, `_` and `-`.
    public static func isName(_ name: String) -> Bool { Queue.isName(name) }

    /// Its id in the book, and the exclusive key of its jobs.
    public var id: String { Self.id(workspace, name) }

    static func id(_ workspace: String, _ name: String) -> String { "\(workspace):\(name)" }

    /// The first nominal time after `moment`.
    ///
    /// - Parameter last: what `last(from:)` said when it was made.
    public func next(after moment: Moment, until last: Moment? = nil) -> Moment? {
        let floor = start.map { max(moment, Moment(microseconds: $0.microseconds - 1)) } ?? moment
        guard let found = timing.next(after: floor) else { return nil }
        return [end, last].compactMap { $0 }.allSatisfy { found <= $0 } ? found : nil
    }

    /// The last nominal time that the limit allows, counted from `made`; nil without a limit.
    public func last(from made: Moment) -> Moment? {
        guard let limit else { return nil }
        let floor = start.map { max(made, Moment(microseconds: $0.microseconds - 1)) } ?? made
        return timing.preview(limit, after: floor).last
    }

    /// At most `count` nominal times after `moment`.
    public func preview(_ count: Int, after moment: Moment, until last: Moment? = nil) -> [Moment] {
        var (found, from): ([Moment], Moment) = ([], moment)
        while found.count < count, let next = next(after: from, until: last) {
            found.append(next)
            from = next
        }
        return found
    }
}
