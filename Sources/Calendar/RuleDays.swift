/// The days of a recurrence rule: from each period of its frequency those that its BY parts leave.
struct RuleDays: Sendable, Hashable {
    /// How long a period is; rules that step within a day look at every day.
    enum Period: Sendable { case day, week, month, year }

    private let period: Period
    private let interval: Int
    private let start: Day
    private let filter: DayFilter
    private let positions: [Int]

    init(_ parts: RuleParts, start: Day) {
        switch parts.frequency {
        case .secondly, .minutely, .hourly: (period, interval) = (.day, 1)
        case .daily: (period, interval) = (.day, parts.interval)
        case .weekly: (period, interval) = (.week, parts.interval)
        case .monthly: (period, interval) = (.month, parts.interval)
        case .yearly: (period, interval) = (.year, parts.interval)
        }
        self.start = start
        filter = DayFilter(parts, period: period, start: start)
        positions = parts.numbers("BYSETPOS")
    }

    /// The first day of the rule at or after `day` and the rule's start.
    func first(from day: Day) -> Day? {
        let from = max(day.number, start.number)
        var index = index(of: Day(number: from))
        while let days = days(index) {
            if let found = days.first(where: { $0.number >= from }) { return found }
            index += 1
        }
        return nil
    }

    /// How many periods of the rule lie between its start and the one that `day` falls in or behind.
    private func index(of day: Day) -> Int {
        switch period {
        case .day: Int(day.number - start.number) / interval
        case .week: Int(filter.week(of: day) - filter.week(of: start)) / 7 / interval
        case .month: (day.monthNumber - start.monthNumber) / interval
        case .year: (day.year - start.year) / interval
        }
    }

    /// The days of one period, in order; nil behind the horizon.
    private func days(_ index: Int) -> [Day]? {
        let step = index * interval
        let span: Range<Int64>
        switch period {
        case .day: span = (start.number + Int64(step))..<(start.number + Int64(step) + 1)
        case .week:
            let first = filter.week(of: start) + Int64(step) * 7
            span = first..<(first + 7)
        case .month: span = Day.span(month: start.monthNumber + step)
        case .year:
            span =
                Day.span(month: (start.year + step) * 12)
                .lowerBound..<Day.span(
                    month: (start.year + step) * 12 + 11
                ).upperBound
        }
        guard span.lowerBound < Wall.horizon.day.number else { return nil }
        return chosen(span.map { Day(number: $0) }.filter(filter.contains))
    }

    private func chosen(_ days: [Day]) -> [Day] {
        guard !positions.isEmpty else { return days }
        let indices = positions.map { $0 > 0 ? $0 - 1 : days.count + $0 }
        return Set(indices).filter(days.indices.contains).sorted().map { days[$0] }
    }
}

extension Day {
    /// Months since the year 0, counted from 0.
    fileprivate var monthNumber: Int { year * 12 + month - 1 }

    /// The days of the month with that number, as numbers of days.
    fileprivate static func span(month: Int) -> Range<Int64> {
        guard let first = Day(month / 12, month % 12 + 1, 1) else { return 0..<0 }
        return first.number..<first.firstOfNextMonth.number
    }
}
