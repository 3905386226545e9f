import Core

extension Noun {
    /// How much may be spent on a category, or on everything, in a period, and how much was.
    package static let budget = Noun(
        "budget", "budgets",
        fields: [
            Field("name", .text(1...100)).required().searched().sorted(),
            Field("category_id", .row("finance_categories")).optional().filtered()
                .about("With the categories within it; null counts everything spent."),
            Field("currency", .word(Currency.codes)).required().filtered(),
            Field("period", .word(Budget.periods.map(\.rawValue))).or("month").filtered(),
            Field("amount", .decimal).required().sorted().about("Above zero."),
            Field("thresholds", .json(schema: thresholds))
                .or(.array(Budget.Thresholds.usual.map { .integer(Int64($0)) }))
                .about("The percentages at which it warns, once a period each."),
            Field("period_start", .date).shown().elsewhere(),
            Field("period_end", .date).shown().elsewhere(),
            Field("spent", .decimal).shown().elsewhere().about("In the period that holds today, in UTC."),
            Field("left", .decimal).shown().elsewhere(),
            Field("percent", .number(0...1e18, unit: "percent")).shown().elsewhere(),
        ],
        laws: [
            { values in
                let currency = try Currency(values.text("currency") ?? "", at: "/currency")
                let amount = Amount(values, "amount") ?? .zero
                guard amount > .zero else {
                    throw Failure(.invalid, "amount must be above zero.", at: "/amount")
                }
                try amount.check(in: currency, at: "/amount")
                try requireThresholds(values["thresholds"] ?? .null)
            }
        ])

    /// A threshold of a budget that was reached.
    package static let budgetAlert = Noun(
        "budget_alert", "budget_alerts", event: "budget:alert",
        fields: [
            Field("budget_id", .row("budgets")).shown().filtered(),
            Field("period_start", .date).shown(),
            Field("period_end", .date).shown(),
            Field("threshold", .whole(Budget.Thresholds.range)).shown().about("Percent."),
            Field("amount", .decimal).shown().about("The budget's amount at that time."),
            Field("spent", .decimal).shown(),
            Field("currency", .word(Currency.codes)).shown(),
        ])

    private static let thresholds: JSON = [
        "type": "array", "maxItems": .integer(Int64(Budget.Thresholds.most)), "uniqueItems": true,
        "items": [
            "type": "integer", "minimum": .integer(Int64(Budget.Thresholds.range.lowerBound)),
            "maximum": .integer(Int64(Budget.Thresholds.range.upperBound)),
        ],
    ]

    private static func requireThresholds(_ json: JSON) throws(Failure) {
        let range = Budget.Thresholds.range
        guard let items = json.array, items.count <= Budget.Thresholds.most else {
            throw Failure(
                .invalid, "thresholds must be a list of at most \(Budget.Thresholds.most) percentages.",
                at: "/thresholds")
        }
        for (index, item) in items.enumerated() {
            guard let number = item.double, number == number.rounded(),
                (Double(range.lowerBound)...Double(range.upperBound)).contains(number)
            else {
                throw Failure(
                    .invalid,
                    "A threshold is a whole percentage from \(range.lowerBound) to "
                        + "\(range.upperBound).", at: "/thresholds/\(index)")
            }
        }
        guard Set(items.compactMap(\.double)).count == items.count else {
            throw Failure(.invalid, "thresholds names a percentage twice.", at: "/thresholds")
        }
    }
}

extension Budget {
    /// The budget in a row.
    package init?(_ item: Item) {
        guard let currency = item.values.text("currency").flatMap({ Currency($0) }),
            let period = item.values.text("period").flatMap({ Period(rawValue: $0) }),
            let amount = Amount(item.values, "amount")
        else { return nil }
        self.init(
            id: item.id, category: item.values.id("category_id"), currency: currency, period: period,
            amount: amount,
            thresholds: item["thresholds"].array?.compactMap { $0.double.map { Int($0) } } ?? [])
    }
}
