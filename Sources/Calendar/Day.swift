/// A date of the Gregorian calendar, and its number of days since 1970-01-01.
struct Day: Sendable, Hashable {
    let number: Int64
    let year: Int
    let month: Int
    let day: Int

    init(number: Int64) {
        self.number = number
        // Counted from 0000-03-01, so that a leap day is the last of its year (H. Hinnant's civil_from_days).
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        day = Int(ofYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// The date that the three numbers name, or nil when there is none.
    init?(_ year: Int, _ month: Int, _ day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.length(of: month, in: year) else { return nil }
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let ofYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        number =
            era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// 0 is Sunday, as cron counts.
    var weekday: Int { Int(((number % 7) + 11) % 7) }

    var next: Day { Day(number: number + 1) }

    var firstOfNextMonth: Day { Day(number: number + Int64(Self.length(of: month, in: year) - day + 1)) }

    var isLastOfMonth: Bool { day == Self.length(of: month, in: year) }

    static func length(of month: Int, in year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
