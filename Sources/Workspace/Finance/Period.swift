/// A stretch of the calendar that days are gathered in.
package enum Period: String, Sendable, Hashable, CaseIterable {
    case day, week, month, quarter, year

    /// The first and the last day of the stretch that holds `day`; weeks begin on Monday.
    package func days(around day: CivilDay) -> ClosedRange<CivilDay> {
        switch self {
        case .day: day...day
        case .week: (day + (1 - day.weekday))...(day + (7 - day.weekday))
        case .month: months(from: day.month, count: 1, of: day)
        case .quarter: months(from: (day.month - 1) / 3 * 3 + 1, count: 3, of: day)
        case .year: months(from: 1, count: 12, of: day)
        }
    }

    /// What the stretch that holds `day` is called: `2026-11-21`, `2026-W47` (ISO 8601), `2026-11`,
    /// `2026-Q4`, `2026`.
    package func name(of day: CivilDay) -> String {
        let year = String(day.text.prefix(4))
        return switch self {
        case .day: day.text
        case .week: Self.week(of: day)
        case .month: String(day.text.prefix(7))
        case .quarter: "\(year)-Q\((day.month - 1) / 3 + 1)"
        case .year: year
        }
    }

    private func months(from first: Int, count: Int, of day: CivilDay) -> ClosedRange<CivilDay> {
        let last = first + count - 1
        let end = CivilDay(year: day.year, month: last, day: CivilDay.length(of: last, day.year)) ?? day
        return (CivilDay(year: day.year, month: first, day: 1) ?? day)...end
    }

    /// A week belongs to the year that has its Thursday.
    private static func week(of day: CivilDay) -> String {
        let thursday = day + (4 - day.weekday)
        let first = CivilDay(year: thursday.year, month: 1, day: 1) ?? thursday
        let number = (thursday - first) / 7 + 1
        return thursday.text.prefix(4) + (number < 10 ? "-W0\(number)" : "-W\(number)")
    }
}
