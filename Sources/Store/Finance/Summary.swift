import Core
import SQL
import Workspace

extension Store.Finances {
    /// What the sums of a summary are gathered by.
    package enum Grouping: String, Sendable, CaseIterable {
        case currency, category, day, week, month, quarter, year

        /// What the database groups by; where that is a day, the days are gathered afterwards.
        fileprivate var sql: String {
            switch self {
            case .currency: "''"
            case .category: "coalesce(category_id, '')"
            case .day, .week: "occurred_on"
            case .month, .quarter: "substr(occurred_on, 1, 7)"
            case .year: "substr(occurred_on, 1, 4)"
            }
        }

        /// The name of the group that a row of the database belongs to.
        fileprivate func name(of key: String) -> String {
            switch self {
            case .currency, .category, .day, .month, .year: key
            case .week: CivilDay(key).map { Period.week.name(of: $0) } ?? key
            case .quarter: CivilDay("\(key)-01").map { Period.quarter.name(of: $0) } ?? key
            }
        }
    }

    /// Which transactions are summed up.
    package struct Span: Sendable {
        package var from: CivilDay?
        package var to: CivilDay?
        package var currency: Currency?
        package var account: String?

        package init() {}
    }

    /// What moved of one currency in one group.
    package struct Total: Sendable, Hashable {
        /// The name of the group; empty where there is one alone.
        package let key: String
        package let currency: Currency
        package fileprivate(set) var income = Amount.zero
        package fileprivate(set) var expense = Amount.zero
        package fileprivate(set) var transfer = Amount.zero
        package fileprivate(set) var count = 0

        package var net: Amount { income + expense }
    }

    /// The rows that one summary may be made of.
    static let groupLimit = 20_000

    /// The exact sums of each group and currency, in the order of their names. Throws `invalid` when there
    /// are too many groups.
    package func summary(of span: Span, by grouping: Grouping) async throws -> [Total] {
        var clause = Clause([Value(try scope.workspace)])
        clause.add("occurred_on >=", span.from.map { .text($0.text) })
        clause.add("occurred_on <=", span.to.map { .text($0.text) })
        clause.add("currency =", span.currency.map { .text($0.code) })
        clause.add("account =", span.account.map { .text($0) })
        let parts = try await access.query(
            """
            select \(grouping.sql) as name, currency, kind, count(*) as entries, \(Amount.sums)
            from finance_transactions where workspace_id = $1\(clause.text("and"))
            group by 1, 2, 3 order by 1, 2, 3 limit \(Self.groupLimit + 1)
            """, clause.values, Part.init)
        guard parts.count <= Self.groupLimit else {
            throw Failure(.invalid, "The summary has too many groups; ask for fewer days or longer periods.")
        }
        return Self.totals(parts, grouping)
    }

    private static func totals(_ parts: [Part], _ grouping: Grouping) -> [Total] {
        var totals: [[String]: Total] = [:]
        for part in parts {
            let key = grouping.name(of: part.key)
            totals[[key, part.currency.code], default: Total(key: key, currency: part.currency)].add(part)
        }
        return totals.values.sorted { ($0.key, $0.currency.code) < ($1.key, $1.currency.code) }
    }

    /// One row of what the database adds up.
    fileprivate struct Part {
        let key: String
        let currency: Currency
        let kind: Booking.Kind
        let count: Int
        let sum: Amount

        init(_ row: Row) throws {
            key = try row.get("name")
            currency = try Currency(try row.get("currency"), at: "")
            kind = try row.word("kind")
            count = try row.get("entries")
            sum = try Amount(sums: row)
        }
    }
}

extension [Store.Finances.Total] {
    /// One total a currency, of all groups together.
    package var byCurrency: Self {
        var totals: [String: Store.Finances.Total] = [:]
        for total in self {
            let empty = Store.Finances.Total(key: "", currency: total.currency)
            totals[total.currency.code, default: empty].add(total)
        }
        return totals.values.sorted { $0.currency.code < $1.currency.code }
    }
}

extension Store.Finances.Total {
    fileprivate mutating func add(_ other: Self) {
        count += other.count
        income += other.income
        expense += other.expense
        transfer += other.transfer
    }

    fileprivate mutating func add(_ part: Store.Finances.Part) {
        count += part.count
        switch part.kind {
        case .income: income += part.sum
        case .expense: expense += part.sum
        case .transfer: transfer += part.sum
        }
    }
}
