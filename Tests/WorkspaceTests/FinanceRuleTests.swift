import Core
import Testing

@testable import Workspace

/// Made bookings for the tests of finance.
enum Ledger {
    static func booking(
        _ day: String, _ amount: String, _ currency: String = "EUR", of merchant: String? = nil,
        in category: ID? = nil, kind: Booking.Kind? = nil
    ) throws -> Booking {
        Booking(
            day: try #require(CivilDay(day)), amount: try #require(Amount(amount)),
            currency: try #require(Currency(currency)), kind: kind, category: category,
            description: "", merchant: merchant)
    }
}

@Suite struct `A category rule` {
    static let (food, rent, rest) = (ID(), ID(), ID())

    @Test(arguments: [
        (CategoryRule.Match.contains, "REWE", true), (.contains, "rewe m", true), (.contains, "lidl", false),
        (.equals, "rewe markt 12", true), (.equals, "rewe", false), (.startsWith, "REWE", true),
        (.startsWith, "markt", false),
    ])
    func `looks for its text`(match: CategoryRule.Match, text: String, matches: Bool) throws {
        let rule = CategoryRule(category: Self.food, test: .init(.merchant, match, text))
        #expect(rule.matches(try Ledger.booking("2026-01-01", "-5", of: "Rewe Markt 12")) == matches)
    }

    @Test func `takes amounts by their size, bounds included`() throws {
        let rule = CategoryRule(category: Self.rent, least: Amount("500"), most: Amount("900"))
        for (amount, matches) in [("-500", true), ("900", true), ("-499.99", false), ("900.01", false)] {
            #expect(rule.matches(try Ledger.booking("2026-01-01", amount)) == matches)
        }
    }

    @Test func `needs all of its conditions`() throws {
        let rule = CategoryRule(
            category: Self.rent, test: .init(.merchant, .contains, "house"), least: Amount("500"),
            currency: "EUR", kind: .expense)
        #expect(rule.matches(try Ledger.booking("2026-01-01", "-700", of: "House Ltd")))
        #expect(!rule.matches(try Ledger.booking("2026-01-01", "700", of: "House Ltd")))
        #expect(!rule.matches(try Ledger.booking("2026-01-01", "-700", "USD", of: "House Ltd")))
        #expect(!rule.matches(try Ledger.booking("2026-01-01", "-70", of: "House Ltd")))
        #expect(!rule.matches(try Ledger.booking("2026-01-01", "-700", of: "Horse Ltd")))
    }

    @Test func `gives way to a higher priority, and to an older one`() throws {
        let old = CategoryRule(id: ID(milliseconds: 1), category: Self.food, priority: 5)
        let new = CategoryRule(id: ID(milliseconds: 2), category: Self.rent, priority: 5)
        let high = CategoryRule(id: ID(milliseconds: 3), category: Self.rest, priority: 6)
        let booking = try Ledger.booking("2026-01-01", "-1")
        #expect([new, old].ranked.category(of: booking) == Self.food)
        #expect([new, old, high].ranked.category(of: booking) == Self.rest)
        #expect([CategoryRule]().category(of: booking) == nil)
    }
}

@Suite struct `A budget` {
    static func budget(_ amount: String, _ thresholds: [Int]) throws -> Budget {
        Budget(
            currency: try #require(Currency("EUR")), period: .month, amount: try #require(Amount(amount)),
            thresholds: thresholds)
    }

    @Test(arguments: [
        ("0", []), ("79.9999", []), ("80", [80]), ("99.9999", [80]), ("100", [80, 100]), ("5000", [80, 100]),
        ("-10", []),
    ])
    func `reaches its thresholds exactly`(spent: String, reached: [Int]) throws {
        let budget = try Self.budget("100", [100, 80])
        #expect(budget.reached(by: try #require(Amount(spent))) == reached)
    }

    @Test func `is exact where doubles are not`() throws {
        let budget = try Self.budget("99999999999999.99", [100])
        #expect(budget.reached(by: try #require(Amount("99999999999999.98"))) == [])
        #expect(budget.reached(by: try #require(Amount("99999999999999.99"))) == [100])
    }

    @Test func `tells what is left and the share that is spent`() throws {
        let budget = try Self.budget("300", [80])
        let spent = try #require(Amount("100"))
        #expect(budget.left(after: spent).text(decimals: 2) == "200.00")
        #expect(budget.percent(of: spent) == 33.33)
        #expect(budget.percent(of: try #require(Amount("450"))) == 150)
    }
}
