import Core
import Testing

@testable import Workspace

@Suite struct `A recurring payment` {
    static func find(_ bookings: [Booking], on day: String = "2026-11-21") throws -> [Insights.Recurrence] {
        Insights.Recurrence.find(
            in: bookings.sorted { $0.day < $1.day }, on: try #require(CivilDay(day)))
    }

    static func payments(
        _ days: [String], _ amount: String = "-9.99", of merchant: String = "Streamly"
    ) throws -> [Booking] {
        try days.map { try Ledger.booking($0, amount, of: merchant) }
    }

    @Test(arguments: [
        (Insights.Recurrence.Cadence.weekly, ["2026-11-02", "2026-11-09", "2026-11-16"], "2026-11-23"),
        (.fortnightly, ["2026-10-02", "2026-10-16", "2026-10-30", "2026-11-13"], "2026-11-27"),
        (.monthly, ["2026-08-31", "2026-09-30", "2026-10-31"], "2026-11-30"),
        (.monthly, ["2026-09-03", "2026-10-01", "2026-11-02"], "2026-12-02"),
        (.quarterly, ["2026-03-15", "2026-06-15", "2026-09-15"], "2026-12-15"),
        (.yearly, ["2024-01-10", "2025-01-10", "2026-01-12"], "2027-01-12"),
    ])
    func `is found with its next day`(
        cadence: Insights.Recurrence.Cadence, days: [String], next: String
    ) throws {
        let bookings = try Self.payments(days)
        let found = try Self.find(bookings)
        #expect(found.map(\.cadence) == [cadence])
        #expect(found.first?.next.text == next)
        #expect(found.first?.isActive == true)
        #expect(found.first?.bookings.map(\.id) == bookings.map(\.id))
    }

    @Test func `is not seen in uneven days, uneven amounts, too few or nameless ones`() throws {
        #expect(try Self.find(Self.payments(["2026-08-01", "2026-08-20", "2026-10-31"])).isEmpty)
        #expect(try Self.find(Self.payments(["2026-09-01", "2026-10-01"])).isEmpty)
        #expect(try Self.find(Self.payments(["2026-08-01", "2026-09-01", "2026-10-01"], of: "12")).isEmpty)
        let uneven = try zip(["2026-08-01", "2026-09-01", "2026-10-01"], ["-5", "-50", "-500"]).map {
            try Ledger.booking($0, $1, of: "Shop")
        }
        #expect(try Self.find(uneven).isEmpty)
    }

    @Test func `is one although its name carries numbers, and ends when it stays away`() throws {
        let bookings = try ["2026-03-01", "2026-04-01", "2026-05-01"].enumerated().map { index, day in
            try Ledger.booking(day, "-30", of: "Gym no. \(index) / 2026")
        }
        let found = try Self.find(bookings)
        #expect(found.count == 1)
        #expect(found.first?.isActive == false)
        #expect(found.first?.yearly.text(decimals: 2) == "360.00")
    }

    @Test func `keeps currencies apart`() throws {
        let days = ["2026-08-01", "2026-09-01", "2026-10-01"]
        let mixed = try zip(days, ["EUR", "USD", "EUR"]).map { try Ledger.booking($0, "-5", $1, of: "Shop") }
        #expect(try Self.find(mixed).isEmpty)
    }
}

@Suite struct `An unusual amount` {
    static func bookings(_ amounts: [String], in category: ID? = nil) throws -> [Booking] {
        try amounts.map { try Ledger.booking("2026-10-10", $0, in: category) }
    }

    @Test func `lies far from the median of its category`() throws {
        let amounts = ["-10", "-11", "-12", "-9", "-10.5", "-11.5", "-9.5", "-10", "-480"]
        let found = Insights.Outlier.find(in: try Self.bookings(amounts))
        #expect(found.map { $0.booking.amount.text(decimals: 2) } == ["-480.00"])
        #expect(found.first?.median.text(decimals: 2) == "10.50")
        #expect(found.first?.count == 9)
    }

    @Test func `is measured within its own category only`() throws {
        let (food, rent) = (ID(), ID())
        let small = try Self.bookings(Array(repeating: "-10", count: 8) + ["-12"], in: food)
        let large = try Self.bookings(
            ["-900", "-905", "-910", "-900", "-905", "-895", "-890", "-900"], in: rent)
        let found = Insights.Outlier.find(in: small + large)
        #expect(found.map(\.booking.category) == [food])
    }

    @Test func `is not seen among equal ones or among few`() throws {
        #expect(Insights.Outlier.find(in: try Self.bookings(Array(repeating: "-10", count: 20))).isEmpty)
        #expect(Insights.Outlier.find(in: try Self.bookings(["-1", "-1", "-1", "-1000"])).isEmpty)
    }
}

@Suite struct `The forecast of a month` {
    static func find(_ bookings: [Booking], on day: String) throws -> [Insights.MonthEnd] {
        Insights.MonthEnd.find(in: bookings.sorted { $0.day < $1.day }, on: try #require(CivilDay(day)))
    }

    static func expense(_ found: [Insights.MonthEnd]) -> Insights.MonthEnd? {
        found.first { $0.sum == .expense }
    }

    /// Rent early and food late in three months, of which the rest differs.
    static func history() throws -> [Booking] {
        try [
            ("2026-08-01", "-800"), ("2026-08-25", "-100"), ("2026-09-01", "-800"), ("2026-09-25", "-160"),
            ("2026-10-01", "-800"), ("2026-10-25", "-120"), ("2026-11-01", "-800"), ("2026-11-10", "-40"),
        ].map { try Ledger.booking($0.0, $0.1) }
    }

    @Test func `adds what the months before still brought`() throws {
        let found = try #require(Self.expense(Self.find(Self.history(), on: "2026-11-20")))
        #expect(found.method == .history)
        #expect(found.soFar.text(decimals: 2) == "-840.00")
        #expect(found.expected.text(decimals: 2) == "-960.00")
        #expect(found.range.lowerBound.text(decimals: 2) == "-1000.00")
        #expect(found.range.upperBound.text(decimals: 2) == "-940.00")
        #expect(found.bookings.count == 2)
    }

    @Test func `is what is known on the last day`() throws {
        let found = try #require(Self.expense(Self.find(Self.history(), on: "2026-11-30")))
        #expect(found.expected == found.soFar)
    }

    @Test func `follows the pace where there is no history, and says nothing too early`() throws {
        let bookings = try [("2026-11-01", "-10"), ("2026-11-09", "-20.01")].map {
            try Ledger.booking($0, $1)
        }
        let found = try #require(Self.expense(Self.find(bookings, on: "2026-11-10")))
        #expect(found.method == .pace)
        #expect(found.expected.text(decimals: 2) == "-90.03")
        #expect(found.range.upperBound == found.soFar)
        #expect(try Self.find(bookings, on: "2026-11-04").isEmpty)
    }

    @Test func `keeps currencies apart and nets what came in`() throws {
        let bookings =
            try Self.history() + [
                Ledger.booking("2026-11-02", "1000"), Ledger.booking("2026-11-03", "-7", "USD"),
            ]
        let found = try Self.find(bookings, on: "2026-11-20")
        #expect(Set(found.map(\.currency.code)) == ["EUR", "USD"])
        let net = found.first { $0.sum == .net && $0.currency.code == "EUR" }
        #expect(net?.soFar.text(decimals: 2) == "160.00")
    }
}

@Suite struct `A growing category` {
    @Test func `cost clearly more in the last whole month`() throws {
        let (food, rent) = (ID(), ID())
        var bookings: [Booking] = []
        for (month, sum) in [("07", "-100"), ("08", "-110"), ("09", "-90"), ("10", "-150"), ("11", "-999")] {
            bookings.append(try Ledger.booking("2026-\(month)-05", sum, in: food))
            bookings.append(try Ledger.booking("2026-\(month)-06", "-700", in: rent))
        }
        let found = Insights.Growth.find(in: bookings, on: try #require(CivilDay("2026-11-21")))
        #expect(found.map(\.category) == [food])
        let growth = try #require(found.first)
        #expect(growth.percent == 50)
        #expect(growth.average.text(decimals: 2) == "100.00")
        #expect(growth.before.map { $0.text(decimals: 2) } == ["90.00", "110.00", "100.00"])
        #expect(growth.bookings.count == 1)
    }
}

@Suite struct `All insights` {
    @Test func `are the same whatever the order, and name their evidence`() throws {
        var bookings = try `The forecast of a month`.history()
        for month in ["07", "08", "09", "10", "11"] {
            bookings.append(try Ledger.booking("2026-\(month)-03", "-9.99", of: "Streamly"))
            bookings.append(try Ledger.booking("2026-\(month)-04", "2500", of: "Wages Ltd"))
            bookings.append(try Ledger.booking("2026-\(month)-28", "-5000", of: "Savings", kind: .transfer))
        }
        let day = try #require(CivilDay("2026-11-21"))
        let found = Insights.all(in: bookings, on: day)
        #expect(found == Insights.all(in: bookings.reversed(), on: day))
        #expect(found.contains { $0.kind == .recurring && $0.title.hasPrefix("Streamly comes monthly") })
        let ids = Set(bookings.map(\.id))
        #expect(found.allSatisfy { !$0.evidence.isEmpty && ids.isSuperset(of: $0.evidence) })
        #expect(!found.contains { $0.title.contains("Savings") })
    }
}
