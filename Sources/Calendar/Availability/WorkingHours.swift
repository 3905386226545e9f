import Core

/// When somebody works: some days of the week, from one time of day to another on the clock of a zone.
package struct WorkingHours: Sendable, Hashable {
    /// 0 is Sunday.
    let days: Set<Int>
    /// Minutes since midnight. Where the end is not after the start, it is on the next day.
    let start: Int
    let end: Int

    /// At any time.
    package static let always = WorkingHours(days: Set(0...6), start: 0, end: 1_440)

    private init(days: Set<Int>, start: Int, end: Int) {
        (self.days, self.start, self.end) = (days, start, end)
    }

    /// Reads `09:00-17:00` and `mon-fri` or `mon,wed,sat-sun`.
    ///
    /// - Throws: `Failure(.invalid)` that says how they are written.
    package init(hours: String, days: String) throws {
        let times = hours.split(separator: "-", omittingEmptySubsequences: false).map { Self.minutes($0) }
        guard times.count == 2, let start = times[0], let end = times[1], start < 1_440, start != end else {
            throw Failure(.invalid, "Working hours are two times of day, such as 09:00-17:00.")
        }
        let parts = days.lowercased().split(separator: ",", omittingEmptySubsequences: false)
        let found = parts.map { Self.weekdays($0) }
        guard found.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(.invalid, "Working days are written mon-fri or mon,wed,sat.")
        }
        self.init(days: Set(found.joined()), start: start, end: end)
    }

    private static let names: [Substring] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// `mon` or `fri-mon`; none for all else.
    private static func weekdays(_ text: Substring) -> [Int] {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            names.firstIndex(of: $0)
        }
        guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else { return [] }
        return (0...((last - first + 7) % 7)).map { (first + $0) % 7 }
    }

    /// `17:30`, at most `24:00`.
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1_440
        else { return nil }
        return hour * 60 + minute
    }

    /// The working time within `range`: all moments at which a clock in `zone` shows one.
    package func spans(in range: Range<Moment>, zone: Zone) -> Spans {
        Spans(zone.stretches(of: range).flatMap { stretch in spans(in: stretch) })
    }

    private func spans(in stretch: Zone.Stretch) -> [Range<Moment>] {
        let first = stretch.wall(at: stretch.span.lowerBound).day.number - 1
        let last = stretch.wall(at: stretch.span.upperBound).day.number
        let length = end > start ? end - start : end - start + 1_440
        return (first...last).filter { days.contains(Day(number: $0).weekday) }.map { day in
            let begin = Wall(seconds: day * 86_400 + Int64(start) * 60)
            let span =
                stretch.moment(begin)..<stretch.moment(Wall(seconds: begin.seconds + Int64(length) * 60))
            return span.clamped(to: stretch.span)
        }
    }
}

extension Zone {
    /// A stretch of time with one offset.
    struct Stretch {
        let span: Range<Moment>
        let offset: Int64

        func wall(at moment: Moment) -> Wall { Wall(seconds: moment.second + offset) }
        func moment(_ wall: Wall) -> Moment { Moment(second: wall.seconds - offset) }
    }

    /// `range`, cut where the offset changes.
    func stretches(of range: Range<Moment>) -> [Stretch] {
        let indices = index(at: range.lowerBound.second)...index(at: range.upperBound.second)
        return periods[indices].map { period in
            let start = max(range.lowerBound, Moment(second: max(period.start, range.lowerBound.second)))
            let end = min(range.upperBound, Moment(second: min(period.end, range.upperBound.second + 1)))
            return Stretch(span: start..<max(start, end), offset: period.offset)
        }
    }
}
