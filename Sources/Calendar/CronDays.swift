/// The days on which a cron expression fires, by day of month and day of week.
struct CronDays: Sendable, Hashable {
    private var days = Numbers()
    private var hasLastDay = false
    private var weekdays = Numbers()
    /// Weekdays counted within the month: `5#2` is the second Friday, and 0 for the count is the last one.
    private var counted: Set<Counted> = []
    /// Vixie's rule: where both fields name days, either is enough; a field that begins with `*` names none.
    private let isEither: Bool

    private struct Counted: Sendable, Hashable {
        let weekday: Int
        let count: Int
    }

    init(dayOfMonth: Substring, dayOfWeek: Substring) throws(CronMistake) {
        isEither = ![dayOfMonth, dayOfWeek].contains { $0.hasPrefix("*") || $0.hasPrefix("?") }
        for item in dayOfMonth.split(separator: ",", omittingEmptySubsequences: false) {
            if item.lowercased() == "l" { hasLastDay = true; continue }
            for day in try CronField.day.numbers(item) { days.insert(day) }
        }
        for item in dayOfWeek.split(separator: ",", omittingEmptySubsequences: false) {
            if let special = try Self.counted(item) { counted.insert(special); continue }
            for weekday in try CronField.weekday.numbers(item) { weekdays.insert(weekday % 7) }
        }
    }

    /// Reads `L5` or `FRI#2`; nil for all else.
    private static func counted(_ item: Substring) throws(CronMistake) -> Counted? {
        if item.first?.lowercased() == "l" {
            return Counted(weekday: try CronField.weekday.number(item.dropFirst()) % 7, count: 0)
        }
        let parts = item.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        guard let count = Int(parts[1]), (1...5).contains(count) else {
            throw CronMistake("\"\(item)\" in the day-of-week field counts weekdays from #1 to #5 only")
        }
        return Counted(weekday: try CronField.weekday.number(parts[0]) % 7, count: count)
    }

    func contains(_ day: Day) -> Bool {
        let isDay = days.contains(day.day) || hasLastDay && day.isLastOfMonth
        let isWeekday = weekdays.contains(day.weekday) || isCounted(day)
        return isEither ? isDay || isWeekday : isDay && isWeekday
    }

    private func isCounted(_ day: Day) -> Bool {
        guard !counted.isEmpty else { return false }
        let isLast = day.day + 7 > Day.length(of: day.month, in: day.year)
        return counted.contains(Counted(weekday: day.weekday, count: (day.day + 6) / 7))
            || isLast && counted.contains(Counted(weekday: day.weekday, count: 0))
    }
}
