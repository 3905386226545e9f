import Core
import Testing

@testable import Workspace

@Suite struct `An amount` {
    @Test(arguments: [
        ("0", 2, "0.00"), ("-0", 2, "0.00"), ("12.3", 2, "12.30"), ("-12.34", 2, "-12.34"),
        ("0.0001", 0, "0.0001"), ("1200", 0, "1200"), ("-0.5", 0, "-0.5"), ("1.5", 3, "1.500"),
        ("100000000000000", 0, "100000000000000"), ("-100000000000000.0000", 2, "-100000000000000.00"),
    ])
    func `is written as it was read`(text: String, decimals: Int, written: String) throws {
        #expect(try #require(Amount(text)).text(decimals: decimals) == written)
    }

    @Test(arguments: [
        "", "-", ".5", "5.", "1,5", "+1", "1e3", " 1", "1 ", "--1", "1.23456", "0x10", "١", "1.2.3",
        "100000000000000.0001", "1000000000000000",
    ])
    func `is nothing else`(text: String) { #expect(Amount(text) == nil) }

    @Test func `adds up to the last digit where doubles do not`() throws {
        let tenth = try #require(Amount("0.1"))
        #expect([Amount](repeating: tenth, count: 30).sum.text(decimals: 2) == "3.00")
        let most = try #require(Amount("99999999999999.9999"))
        #expect(
            [Amount](repeating: most, count: 1_000_000).sum.text(decimals: 4) == "99999999999999999900.0000")
    }

    @Test(arguments: [Int64(0), 1, -1, 999_999, -999_999, 1_000_000, 12_345_678_901, -98_765_432_109_876])
    func `comes back from the two parts that a database adds`(number: Int64) {
        let parts = Amount(millions: number / 1_000_000, rest: number % 1_000_000)
        #expect(parts == Amount(tenThousandths: number))
    }

    @Test(arguments: [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("XOF", 0), ("EUR", 2)])
    func `has the decimals of its currency`(code: String, decimals: Int) throws {
        let currency = try #require(Currency(code))
        #expect(currency.decimals == decimals)
        let fine = Amount(tenThousandths: 1)
        if decimals < 4 { #expect(throws: Failure.self) { try fine.check(in: currency, at: "/amount") } }
        var unit = 10_000
        for _ in 0..<decimals { unit /= 10 }
        try Amount(tenThousandths: unit).check(in: currency, at: "/amount")
    }

    @Test(arguments: ["", "eur", "EURO", "XXX", "XAU", "ZZZ", "€"])
    func `is in a currency of the list`(code: String) { #expect(Currency(code) == nil) }

    @Test(arguments: [
        ("1", "income", true), ("-1", "income", false), ("-1", "expense", true), ("1", "expense", false),
        ("1", "transfer", true), ("-1", "transfer", true), ("0", "transfer", false),
    ])
    func `has the sign of its kind`(text: String, kind: String, fits: Bool) throws {
        let (amount, kind) = try (#require(Amount(text)), #require(Booking.Kind(rawValue: kind)))
        let euro = try #require(Currency("EUR"))
        let refusal = Self.failure { try Booking.check(amount, in: euro, as: kind) }
        #expect((refusal == nil) == fits)
        if !fits { #expect(refusal?.pointer == "/amount") }
    }

    private static func failure(_ work: () throws -> Void) -> Failure? {
        do { try work() } catch { return error as? Failure }
        return nil
    }
}
