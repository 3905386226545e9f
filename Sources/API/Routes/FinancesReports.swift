import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// What the transactions come to, and what they tell.
    enum FinancesReports {
        /// Bookings that insights are drawn from, the newest.
        static let bookingsLimit = 50_000

        static let routes = [
            Route(.get, "/api/finances/summary", "Show exact sums, never of two currencies in one.", summary)
                .query("from", "From this day on.", Schema.date)
                .query("to", "Up to this day.", Schema.date)
                .query(
                    "currency", "Only this currency.",
                    ["type": "string", "enum": .array(Currency.codes.map(JSON.string))]
                )
                .query("account", "Only this account.", Schema.text(1...Booking.Limits.account.upperBound))
                .query(
                    "group_by", "What the groups are, currency unless told; weeks are those of ISO 8601.",
                    Schema.choice(Store.Finances.Grouping.self)
                )
                .answering(200, "The sums.", "FinanceSummary"),
            Route(
                .get, "/api/finances/insights",
                "Show recurring payments, unusual amounts, forecasts and growth, each with its evidence.",
                insights
            )
            .query("on", "The day they are seen from, today in UTC unless told.", Schema.date)
            .query("kind", "Only insights of this kind.", Schema.choice(Insights.Entry.Kind.self))
            .answering(200, "What was noticed.", "FinanceInsights"),
        ]

        static func summary(_ call: Call) async throws -> Answer {
            var span = Store.Finances.Span()
            span.from = try call.day("from")
            span.to = try call.day("to")
            span.currency = try call.query("currency", "a currency of ISO 4217 such as EUR") { Currency($0) }
            span.account = try call.bookedAccount()
            if let from = span.from, let to = span.to, from > to {
                throw Problem.senseless(Failure(.invalid, "The query parameter to is before from."))
            }
            let grouping: Store.Finances.Grouping = try call.choice("group_by") ?? .currency
            let groups = try await judging { [span] in
                try await call.store.finances.summary(of: span, by: grouping)
            }
            let names = try await names(of: groups, grouping, call)
            return Answer([
                "from": JSON(span.from?.text), "to": JSON(span.to?.text), "group_by": JSON(grouping),
                "totals": .array(groups.byCurrency.map { .object($0.members) }),
                "groups": .array(groups.map { show($0, grouping, names) }),
            ])
        }

        private static func names(
            of groups: [Store.Finances.Total], _ grouping: Store.Finances.Grouping, _ call: Call
        ) async throws -> [ID: String] {
            guard grouping == .category else { return [:] }
            return try await call.store.finances.names(of: Set(groups.compactMap { ID($0.key) }))
        }

        private static func show(
            _ total: Store.Finances.Total, _ grouping: Store.Finances.Grouping, _ names: [ID: String]
        ) -> JSON {
            let category = grouping == .category ? ID(total.key) : nil
            let name = category.flatMap { names[$0] }
            let key =
                switch grouping {
                case .currency: total.currency.code
                case .category: name ?? ""
                default: total.key
                }
            return .object(
                [
                    .init("key", .string(key)), .init("category_id", JSON(category)),
                    .init("category", JSON(name)),
                ] + total.members)
        }

        static func insights(_ call: Call) async throws -> Answer {
            let day = try call.day("on") ?? CivilDay(.now)
            let kind: Insights.Entry.Kind? = try call.choice("kind")
            let bookings = try await call.store.finances.bookings(
                in: (day + (-Insights.reach_days))...day, limit: bookingsLimit)
            let found = Insights.all(in: bookings, on: day).filter { kind == nil || $0.kind == kind }
            return Answer([
                "on": .string(day.text), "examined": JSON(bookings.count),
                "is_complete": .bool(bookings.count < bookingsLimit),
                "insights": .array(found.map(\.json)),
            ])
        }
    }
}

extension Routes.FinancesReports {
    private static let sums: [JSON.Member] = [
        .init("currency", Schema.text(3...3)), .init("income", Schema.sum), .init("expense", Schema.sum),
        .init("net", Schema.sum), .init("transfer", Schema.sum), .init("count", Schema.count),
    ]

    static let schemas: [JSON.Member] = {
        let group =
            [
                JSON.Member("key", Schema.string), .init("category_id", Schema.optional(Schema.id)),
                .init("category", Schema.optional(Schema.string)),
            ] + sums
        return [
            .init("FinanceTotal", Schema.object(.object(sums), required: sums.map(\.name))),
            .init("FinanceGroup", Schema.object(.object(group), required: group.map(\.name))),
            .init(
                "FinanceSummary",
                Schema.object(
                    [
                        "from": Schema.optional(Schema.date), "to": Schema.optional(Schema.date),
                        "group_by": Schema.choice(Store.Finances.Grouping.self),
                        "totals": Schema.list(Schema.named("FinanceTotal")),
                        "groups": Schema.list(Schema.named("FinanceGroup")),
                    ], required: ["from", "to", "group_by", "totals", "groups"])),
            .init("FinanceInsight", insight),
            .init(
                "FinanceInsights",
                Schema.object(
                    [
                        "on": Schema.date, "examined": Schema.count, "is_complete": Schema.bool,
                        "insights": Schema.list(Schema.named("FinanceInsight")),
                    ], required: ["on", "examined", "is_complete", "insights"])),
        ]
    }()

    private static let insight = Schema.object(
        [
            "kind": Schema.choice(Insights.Entry.Kind.self), "title": Schema.string,
            "currency": Schema.text(3...3), "category_id": Schema.optional(Schema.id),
            "figures": ["type": "object", "description": "The numbers it rests on; amounts are texts."],
            "evidence": Schema.object(
                [
                    "transaction_ids": Schema.list(Schema.id, most: Insights.Entry.evidenceLimit),
                    "transaction_count": Schema.count,
                ], required: ["transaction_ids", "transaction_count"]),
        ], required: ["kind", "title", "currency", "category_id", "figures", "evidence"])
}

extension Schema {
    /// An exact sum, which may be larger than an amount.
    fileprivate static let sum: JSON = [
        "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,4})?$", "examples": ["-1234.56"],
    ]
}

extension Store.Finances.Total {
    fileprivate var members: [JSON.Member] {
        func text(_ amount: Amount) -> JSON { .string(amount.text(in: currency)) }
        return [
            .init("currency", .string(currency.code)), .init("income", text(income)),
            .init("expense", text(expense)), .init("net", text(net)), .init("transfer", text(transfer)),
            .init("count", JSON(count)),
        ]
    }
}

extension Call {
    /// A query parameter that is a day.
    fileprivate func day(_ name: String) throws -> CivilDay? {
        try query(name, "a day such as 2026-03-01") { CivilDay($0) }
    }
}
