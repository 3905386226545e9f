/// What becomes of the times that a wall clock skips or shows twice.
public struct Crossing: Sendable, Hashable {
    /// What becomes of a time that the clock jumps over.
    public enum Gap: String, Sendable, Hashable, CaseIterable {
        /// It fires at the first moment after the jump, once for all the times jumped over.
        case next
        /// It does not fire that day.
        case skip
        /// It fires as long after the jump as it lies within it, 02:30 as 03:30; so RFC 5545 reads such a
        /// time.
        case shift
    }

    /// Which of the two moments counts when the clock shows a time twice.
    public enum Overlap: String, Sendable, Hashable, CaseIterable {
        case first, second, both
    }

    public var gap: Gap
    public var overlap: Overlap

    public init(gap: Gap, overlap: Overlap) {
        self.gap = gap
        self.overlap = overlap
    }

    /// For patterns that name hours: nothing is lost and nothing happens twice.
    public static let once = Crossing(gap: .next, overlap: .first)
    /// For patterns that name every hour: they go on with the passing time.
    public static let flowing = Crossing(gap: .skip, overlap: .both)
    /// How RFC 5545 (section 3.3.5) reads local times.
    public static let calendar = Crossing(gap: .shift, overlap: .first)
}
