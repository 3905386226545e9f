import Foundation
import Testing

@testable import Workspace

@Suite struct `A civil day` {
    @Test func `counts as the calendar of Foundation does, for eight centuries`() throws {
        var calendar = Foundation.Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for number in stride(from: -140_000, through: 160_000, by: 1) {
            let day = CivilDay(number: number)
            guard CivilDay(year: day.year, month: day.month, day: day.day) == day else {
                Issue.record("\(number) is \(day.text), which is another number")
                return
            }
            guard number % 97 == 0 else { continue }
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
            #expect([parts.year, parts.month, parts.day] == [day.year, day.month, day.day])
            #expect(parts.weekday == day.weekday % 7 + 1)
        }
    }

    @Test(arguments: [
        ("2026-02-28", "2026-02-28"), ("2024-02-29", "2024-02-29"), ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"), ("2026-02-29", nil), ("2100-02-29", nil), ("2026-13-01", nil),
        ("2026-00-10", nil), ("2026-1-10", nil), ("0000-01-01", nil), ("2026-04-31", nil), ("", nil),
        ("2026-01-0a", nil), ("2026/01/01", nil), ("2026-01-01T00", nil),
    ])
    func `is read strictly`(text: String, written: String?) { #expect(CivilDay(text)?.text == written) }

    @Test(arguments: [
        ("31.12.2026", CivilDay.Format.dots), ("31/12/2026", .dayFirst), ("12/31/2026", .monthFirst),
        ("2026/12/31", .slashes), ("20261231", .compact), ("31-12-2026", .dayFirstHyphens),
        ("2026-12-31", .iso),
    ])
    func `is read in the format that is named, and no other`(text: String, format: CivilDay.Format) {
        for other in CivilDay.Format.allCases {
            let day = CivilDay(text, as: other)
            #expect(day?.text == (other == format ? "2026-12-31" : nil))
        }
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-03-31", -1, "2026-02-28"),
        ("2026-11-15", 14, "2028-01-15"), ("2026-01-15", -13, "2024-12-15"),
    ])
    func `moves by months within the month's length`(from: String, months: Int, to: String) throws {
        #expect(try #require(CivilDay(from)).adding(months: months).text == to)
    }
}

@Suite struct `A period` {
    @Test(arguments: [
        (Period.day, "2026-11-21", "2026-11-21", "2026-11-21", "2026-11-21"),
        (.week, "2026-11-21", "2026-11-16", "2026-11-22", "2026-W47"),
        (.week, "2027-01-01", "2026-12-28", "2027-01-03", "2026-W53"),
        (.week, "2024-12-30", "2024-12-30", "2025-01-05", "2025-W01"),
        (.month, "2024-02-10", "2024-02-01", "2024-02-29", "2024-02"),
        (.quarter, "2026-11-21", "2026-10-01", "2026-12-31", "2026-Q4"),
        (.quarter, "2026-01-01", "2026-01-01", "2026-03-31", "2026-Q1"),
        (.year, "2026-11-21", "2026-01-01", "2026-12-31", "2026"),
    ])
    func `holds its days and has a name`(
        period: Period, day: String, first: String, last: String, name: String
    ) throws {
        let day = try #require(CivilDay(day))
        let days = period.days(around: day)
        #expect([days.lowerBound.text, days.upperBound.text] == [first, last])
        #expect(period.name(of: day) == name)
    }
}
