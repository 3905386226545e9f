/// Which days of a period a rule keeps: those that satisfy each of its BY parts, or that are like its start.
struct DayFilter: Sendable, Hashable {
    /// A weekday, perhaps counted within the month or year: `-1FR` is the last Friday.
    private struct Weekday: Sendable, Hashable {
        let weekday: Int
        let count: Int
    }

    private var months: [Int]
    private var monthDays: [Int]
    private let yearDays: [Int]
    private let weeks: [Int]
    private var weekdays: [Weekday]
    /// 0 is Sunday.
    private let weekStart: Int
    private let countsInMonth: Bool

    private static let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

    init(_ parts: RuleParts, period: RuleDays.Period, start: Day) {
        months = parts.numbers("BYMONTH")
        monthDays = parts.numbers("BYMONTHDAY")
        yearDays = parts.numbers("BYYEARDAY")
        weeks = parts.numbers("BYWEEKNO")
        weekdays = (parts.value("BYDAY") ?? "").split(separator: ",").compactMap { item in
            Self.names.firstIndex(of: String(item.suffix(2))).map {
                Weekday(weekday: $0, count: Int(item.dropLast(2)) ?? 0)
            }
        }
        weekStart = parts.value("WKST").flatMap { Self.names.firstIndex(of: $0) } ?? 1
        countsInMonth = period == .month || !months.isEmpty
        // What the rule leaves open is as its start has it.
        guard monthDays.isEmpty, yearDays.isEmpty, weekdays.isEmpty else { return }
        switch period {
        case .day: break
        case .week: weekdays = [Weekday(weekday: start.weekday, count: 0)]
        case .month: monthDays = [start.day]
        case .year where !weeks.isEmpty: weekdays = [Weekday(weekday: start.weekday, count: 0)]
        case .year:
            monthDays = [start.day]
            if months.isEmpty { months = [start.month] }
        }
    }

    func contains(_ day: Day) -> Bool {
        if !months.isEmpty, !months.contains(day.month) { return false }
        let length = Day.length(of: day.month, in: day.year)
        if !monthDays.isEmpty, !Self.names(monthDays, day.day, of: length) { return false }
        if !weekdays.isEmpty, !weekdays.contains(where: { isWeekday(day, $0) }) { return false }
        if !yearDays.isEmpty, !Self.names(yearDays, day.ofYear, of: day.lengthOfYear) { return false }
        return weeks.isEmpty || hasWeek(day)
    }

    /// Whether the list names the `number`-th of `length`, from the front or with a minus from the end.
    private static func names(_ list: [Int], _ number: Int, of length: Int) -> Bool {
        list.contains(number) || list.contains(number - length - 1)
    }

    private func isWeekday(_ day: Day, _ wanted: Weekday) -> Bool {
        guard day.weekday == wanted.weekday else { return false }
        guard wanted.count != 0 else { return true }
        let (number, length) =
            countsInMonth
            ? (day.day, Day.length(of: day.month, in: day.year)) : (day.ofYear, day.lengthOfYear)
        return wanted.count > 0
            ? (number + 6) / 7 == wanted.count : (length - number) / 7 + 1 == -wanted.count
    }

    /// The first day of the week of `day`, as a number of days.
    func week(of day: Day) -> Int64 { day.number - Int64((day.weekday - weekStart + 7) % 7) }

    /// Whether the week of the day has one of the numbers; the first week has at least four days of its year.
    private func hasWeek(_ day: Day) -> Bool {
        let week = week(of: day)
        let year = Day(number: week + 3).year
        guard let fourth = Day(year, 1, 4), let next = Day(year + 1, 1, 4) else { return false }
        let (first, end) = (self.week(of: fourth), self.week(of: next))
        return Self.names(weeks, Int(week - first) / 7 + 1, of: Int(end - first) / 7)
    }
}

extension Day {
    /// 1 is the first of January.
    fileprivate var ofYear: Int { Int(number - (Day(year, 1, 1)?.number ?? number)) + 1 }

    fileprivate var lengthOfYear: Int { Day.length(of: 2, in: year) + 337 }
}
