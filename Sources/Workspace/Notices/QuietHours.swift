import Core

/// The hours of somebody's own clock in which nothing rings; they may go past midnight.
package struct QuietHours: Sendable, Hashable {
    /// Seconds after midnight.
    package let from: Int
    package let to: Int

    /// The hours between two times of day such as `22:00`; nil for what is none.
    package init?(from: String, to: String) {
        guard let from = Self.second(from), let to = Self.second(to), from != to else { return nil }
        (self.from, self.to) = (from, to)
    }

    private static func second(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard text.utf8.count == 5, parts.count == 2, let hour = parts[0], let minute = parts[1],
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 3_600 + minute * 60
    }

    private static let day = 86_400

    private func contains(_ second: Int) -> Bool {
        from < to ? (from..<to).contains(second) : second >= from || second < to
    }

    /// The first moment from `now` on that lies outside these hours: `now` itself, or when they end.
    ///
    /// - Parameter offset: how many seconds the clock is ahead of UTC at a moment.
    package func next(from now: Moment, offset: (Moment) -> Int) -> Moment {
        var moment = now
        // Each turn either ends or passes one change of the clock; no zone has three within a day.
        for _ in 0..<4 {
            let shift = offset(moment)
            let second = Self.clock(moment, shift)
            guard contains(second) else { return moment }
            let wait = (to - second + Self.day) % Self.day
            let end = moment.wholeSecond + .seconds(wait)
            guard offset(end) != shift else { return end }
            moment = Self.change(after: moment, upTo: end, offset)
        }
        return moment
    }

    /// What a clock so far ahead of UTC shows, in seconds after midnight.
    private static func clock(_ moment: Moment, _ shift: Int) -> Int {
        let second = Int(moment.wholeSecond.microseconds / 1_000_000) + shift
        return (second % day + day) % day
    }

    /// The first second at which the clock has another offset than at `start`.
    private static func change(after start: Moment, upTo end: Moment, _ offset: (Moment) -> Int) -> Moment {
        let shift = offset(start)
        var (low, high) = (start.wholeSecond, end)
        while high - low > .seconds(1) {
            let middle = (low + .seconds(Int((high - low).seconds / 2))).wholeSecond
            if offset(middle) == shift { low = middle } else { high = middle }
        }
        return high
    }
}

extension Moment {
    /// The second it lies in.
    fileprivate var wholeSecond: Moment {
        let rest = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000
        return Moment(microseconds: microseconds - rest)
    }
}
