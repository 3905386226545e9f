import Core

// Numbers that others write may be anything: one that is too large must not end the process.

extension Moment {
    /// Seconds since 1970; nil for what lies outside the years 1 to 9999.
    package init?(seconds: Double) {
        guard (-62_135_596_800...253_402_300_799).contains(seconds) else { return nil }
        self.init(microseconds: Int64((seconds * 1_000_000).rounded()))
    }
}

extension Line.Answer {
    /// The longest pause that a server may ask for.
    static let longestPause_s = 86_400.0

    /// The pause that a server asks for, within bounds; nil where it names no number.
    static func pause(seconds: Double?) -> Duration? {
        guard let seconds, !seconds.isNaN else { return nil }
        return .seconds(min(max(0, seconds), longestPause_s))
    }
}
