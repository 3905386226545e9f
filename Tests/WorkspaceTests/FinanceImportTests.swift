import Core
import Testing

@testable import Workspace

@Suite struct `A file of transactions` {
    static func rows(
        _ text: String, _ layout: TransactionImport.Layout = .init()
    ) throws -> (drafts: [TransactionImport.Draft], bad: [TransactionImport.BadRow]) {
        var reader = CSV()
        let records = reader.feed(Array(text.utf8)) + reader.finish()
        var file = try TransactionImport(header: try #require(records.first), layout: layout)
        var (drafts, bad): ([TransactionImport.Draft], [TransactionImport.BadRow]) = ([], [])
        for record in records.dropFirst() {
            switch file.row(record) {
            case .draft(let draft): drafts.append(draft)
            case .bad(let row): bad.append(row)
            }
        }
        return (drafts, bad)
    }

    static func failure(_ text: String, _ layout: TransactionImport.Layout = .init()) -> Failure? {
        do { _ = try rows(text, layout) } catch { return error as? Failure }
        return nil
    }

    @Test func `is read by the names of its columns`() throws {
        let (drafts, bad) = try Self.rows(
            """
            Booking Date,VALUE,ccy,Payee,Memo,reference,tags,category
            2026-03-01,-12.30,eur,Rewe,"Bread, milk",A-1,food|daily,Groceries
            2026-03-02,+1500,JPY,,,,,
            """)
        #expect(bad == [])
        let first = try #require(drafts.first)
        #expect(first.day.text == "2026-03-01" && first.amount.text(decimals: 2) == "-12.30")
        #expect(first.currency.code == "EUR" && first.kind == .expense)
        #expect(first.merchant == "Rewe" && first.description == "Bread, milk")
        #expect(first.externalID == "A-1" && first.tags == ["food", "daily"])
        #expect(first.category == "Groceries")
        #expect(drafts.last?.kind == .income && drafts.last?.merchant == nil)
    }

    @Test(arguments: [
        ("2026-02-30,-1,EUR,", "occurred_on"), (",-1,EUR,", "occurred_on"), ("2026-01-01,,EUR,", "amount"),
        ("2026-01-01,\"1,50\",EUR,", "amount"), ("2026-01-01,0,EUR,", "amount"),
        ("2026-01-01,1.5,JPY,", "amount"), ("2026-01-01,-1,EUX,", "currency"),
        ("2026-01-01,-1,,", "currency"),
        ("2026-01-01,-1,EUR,income", "amount"), ("2026-01-01,-1,EUR,gift", "kind"),
    ])
    func `loses only the row that is wrong, and says where`(row: String, column: String) throws {
        let (drafts, bad) = try Self.rows("date,amount,currency,kind\n\(row)\n2026-01-01,-1,EUR,\n")
        #expect(drafts.map(\.line) == [3])
        #expect(bad.map(\.line) == [2] && bad.map(\.column) == [column])
    }

    @Test func `takes what it does not say from the layout`() throws {
        var layout = TransactionImport.Layout()
        layout.format = .dots
        layout.currency = "CHF"
        layout.account = "Giro"
        layout.names = [.day: "Valuta", .amount: "Betrag"]
        let (drafts, _) = try Self.rows("Valuta;Betrag;date\n24.12.2026;-5.05;x\n", layout)
        #expect(drafts.map(\.day.text) == ["2026-12-24"])
        #expect(drafts.map(\.currency.code) == ["CHF"] && drafts.map(\.account) == ["Giro"])
        #expect(Self.failure("date,amount\n", layout)?.pointer == "/columns")
    }

    @Test(arguments: ["amount,currency\n", "date,currency\n", "date,amount,value\n", "\"date\n"])
    func `needs a header that names a day and an amount, once each`(text: String) {
        #expect(Self.failure(text)?.kind == .invalid)
    }

    @Test func `tells equal rows apart, the same way every time`() throws {
        let text = "date,amount,currency\n2026-01-01,-3,EUR\n2026-01-01,-3.00,EUR\n2026-01-01,-3,USD\n"
        let once = try Self.rows(text).drafts.map(\.fingerprint)
        #expect(Set(once).count == 3)
        #expect(try Self.rows(text).drafts.map(\.fingerprint) == once)
    }
}
