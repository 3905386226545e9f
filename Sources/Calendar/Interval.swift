import Core

/// A fixed distance in elapsed time, which no clock change touches, counted from an anchor.
public struct Interval: Sendable, Hashable {
    /// The distance between two firings.
    public let every: Duration
    /// A moment at which it fires; the others lie whole distances before and after it.
    public let anchor: Moment

    /// - Throws: `Failure(.invalid)` at `pointer` when the distance is under a second or over ten years.
    public init(every: Duration, anchor: Moment = Moment(microseconds: 0), at pointer: String? = nil) throws {
        guard every >= .seconds(1), every <= .seconds(315_576_000) else {
            let message = "An interval has at least 1 second and at most ten years (315576000 seconds)."
            throw Failure(.invalid, message, at: pointer)
        }
        self.every = every
        self.anchor = anchor
    }

    /// The first firing after `moment`.
    func next(after moment: Moment) -> Moment? {
        let step = every.microseconds
        let elapsed = moment.microseconds - anchor.microseconds
        let whole = elapsed >= 0 ? elapsed / step : (elapsed - step + 1) / step
        return Moment(microseconds: anchor.microseconds + (whole + 1) * step)
    }
}
