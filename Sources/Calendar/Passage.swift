import Core

/// Turns a pattern of wall clock times into moments, one period of the zone after the other, by the rules for
/// the times a clock skips or shows twice.
struct Passage: Sendable {
    let zone: Zone
    let crossing: Crossing

    /// The first local time at or after another.
    typealias Pattern = (Wall) -> Wall?

    /// The first moment after `moment`.
    func next(after moment: Moment, by pattern: Pattern) -> Moment? {
        let from = moment.second + 1
        for index in zone.index(at: from)..<zone.periods.count {
            let period = zone.periods[index]
            let start = max(from, period.start)
            let found = [
                shown(in: index, from: start, pattern),
                index == 0 ? nil : jumped(before: index, from: start, pattern),
            ]
            if let second = found.compactMap({ $0 }).min(), second < period.end {
                return Moment(second: second)
            }
            // No later period shows anything earlier than this one's end less a day.
            if period.end < .max, pattern(Wall(seconds: period.end - 93_600)) == nil { return nil }
        }
        return nil
    }

    /// The first second at or after `from` at which the clock of the period shows a time of the pattern.
    private func shown(in index: Int, from: Int64, _ pattern: Pattern) -> Int64? {
        let period = zone.periods[index]
        var (lower, upper) = (from, period.end)
        if index > 0, crossing.overlap == .first {
            // Until then the clock shows what it showed before.
            lower = max(lower, period.start + zone.periods[index - 1].offset - period.offset)
        }
        if index + 1 < zone.periods.count, crossing.overlap == .second {
            upper = min(upper, period.end + zone.periods[index + 1].offset - period.offset)
        }
        guard let wall = pattern(Wall(seconds: lower + period.offset)) else { return nil }
        let second = wall.seconds - period.offset
        return second < upper ? second : nil
    }

    /// The first second at or after `from` that stands for a time of the gap before the period.
    private func jumped(before index: Int, from: Int64, _ pattern: Pattern) -> Int64? {
        let (before, period) = (zone.periods[index - 1], zone.periods[index])
        let length = period.offset - before.offset
        guard length > 0, from < period.start + length else { return nil }
        let gapEnd = period.start + period.offset
        switch crossing.gap {
        case .skip: return nil
        case .next:
            guard from == period.start, let wall = pattern(Wall(seconds: period.start + before.offset))
            else { return nil }
            return wall.seconds < gapEnd ? period.start : nil
        case .shift:
            guard let wall = pattern(Wall(seconds: from + before.offset)), wall.seconds < gapEnd
            else { return nil }
            return wall.seconds - before.offset
        }
    }
}
