import Core

/// A day of the Gregorian calendar without time and zone, such as the day a transaction was booked.
package struct CivilDay: Sendable, Hashable, Comparable {
    package let year: Int
    /// 1...12
    package let month: Int
    /// 1...31
    package let day: Int
    /// Days since 1970-01-01.
    package let number: Int

    /// Nil where the calendar has no such day, and outside the years 1 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(of: month, year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        number = Self.number(year, month, day)
    }

    /// The day that `YYYY-MM-DD` names; nil for anything else.
    package init?(_ text: some StringProtocol) { self.init(text, as: .iso) }

    /// The day that is so many after 1970-01-01, kept within the years 1 to 9999.
    package init(number: Int) {
        let bounded = min(max(number, Self.first), Self.last)
        self.number = bounded
        // Howard Hinnant's civil_from_days: years that begin in March, in cycles of 400.
        let shifted = bounded + 719_468
        let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfCycle = shifted - cycle * 146_097
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day in UTC.
    package init(_ moment: Moment) {
        let length: Int64 = 86_400_000_000
        let days = moment.microseconds / length - (moment.microseconds % length < 0 ? 1 : 0)
        self.init(number: Int(days))
    }

    private static let first = -719_162
    private static let last = 2_932_896

    /// As `YYYY-MM-DD`.
    package var text: String { "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))" }

    /// 1 is Monday, 7 Sunday.
    package var weekday: Int { ((number + 3) % 7 + 7) % 7 + 1 }

    package static func < (left: CivilDay, right: CivilDay) -> Bool { left.number < right.number }

    package static func + (day: CivilDay, days: Int) -> CivilDay { CivilDay(number: day.number + days) }

    package static func - (left: CivilDay, right: CivilDay) -> Int { left.number - right.number }

    /// The same day of another month, or that month's last day where it is shorter.
    package func adding(months: Int) -> CivilDay {
        let count = year * 12 + month - 1 + months
        let (year, month) = (min(max(count / 12, 1), 9999), count % 12 + 1)
        let length = Self.length(of: month, year)
        return CivilDay(year: year, month: month, day: min(day, length)) ?? self
    }

    /// The days of a month.
    package static func length(of month: Int, _ year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let yearOfCycle = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return shifted / 400 * 146_097 + dayOfCycle - 719_468
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension CivilDay {
    /// The ways of writing a day that files may use.
    package enum Format: String, Sendable, CaseIterable {
        case iso = "YYYY-MM-DD"
        case slashes = "YYYY/MM/DD"
        case compact = "YYYYMMDD"
        case dots = "DD.MM.YYYY"
        case dayFirst = "DD/MM/YYYY"
        case dayFirstHyphens = "DD-MM-YYYY"
        case monthFirst = "MM/DD/YYYY"
    }

    /// The day that `text` writes in `format`, with every digit; nil for anything else.
    package init?(_ text: some StringProtocol, as format: Format) {
        let (pattern, bytes) = (Array(format.rawValue.utf8), Array(text.utf8))
        guard pattern.count == bytes.count else { return nil }
        var parts: [UInt8: Int] = [:]
        for (letter, byte) in zip(pattern, bytes) {
            guard ["Y", "M", "D"].contains(Unicode.Scalar(letter)) else {
                guard letter == byte else { return nil }
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            parts[letter, default: 0] = parts[letter, default: 0] * 10 + Int(byte - UInt8(ascii: "0"))
        }
        self.init(
            year: parts[UInt8(ascii: "Y")] ?? 0, month: parts[UInt8(ascii: "M")] ?? 0,
            day: parts[UInt8(ascii: "D")] ?? 0)
    }
}
