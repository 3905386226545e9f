import Core

extension Noun {
    /// Money that moved: an exact amount in its currency, on a day.
    package static let transaction = Noun(
        "transaction", "transactions", table: "finance_transactions",
        fields: [
            Field("amount", .decimal).required().sorted()
                .about(
                    "Income is above zero, an expense below. As many decimals as the currency has."),
            Field("currency", .word(Currency.codes)).required().filtered().about("ISO 4217."),
            Field("kind", .word(Booking.Kind.allCases.map(\.rawValue))).filtered()
                .about("By the sign of the amount, unless told. A transfer counts as neither."),
            Field("category_id", .row("finance_categories")).optional().filtered()
                .about("By the rules, where neither this nor category is told."),
            Field("category", .text(Booking.Limits.category)).optional().elsewhere()
                .about("The category's name, which may be told instead of its id."),
            Field("description", .text(Booking.Limits.description)).or("").searched(),
            Field("merchant", .text(Booking.Limits.merchant)).optional().filtered().searched(),
            Field("occurred_on", .date).required().sorted(),
            Field("account", .text(Booking.Limits.account)).optional().filtered(),
            Field("tags", .texts(Booking.Limits.tag, most: Booking.Limits.tags)).or([]).filtered().searched(),
            Field("external_id", .text(Booking.Limits.externalID)).optional().filtered()
                .about("What the bank calls it; no two transactions have the same."),
            Field("notes", .text(Booking.Limits.notes)).or("").searched(),
        ],
        laws: [
            { values in
                let amount = Amount(values, "amount") ?? .zero
                let currency = try Currency(values.text("currency") ?? "", at: "/currency")
                let kind = values.text("kind").flatMap { Booking.Kind(rawValue: $0) }
                try Booking.check(amount, in: currency, as: kind ?? Booking.Kind(of: amount))
            }
        ])
}

extension Amount {
    /// The amount in a field; nil where it holds none.
    package init?(_ values: Values, _ name: String) {
        guard let number = values.decimal(name) else { return nil }
        self.init(number)
    }
}

extension Booking {
    /// The transaction in a row.
    package init?(_ id: ID, _ values: Values) {
        guard let day = values.text("occurred_on").flatMap({ CivilDay($0) }),
            let amount = Amount(values, "amount"),
            let currency = values.text("currency").flatMap({ Currency($0) })
        else { return nil }
        self.init(
            id: id, day: day, amount: amount, currency: currency,
            kind: values.text("kind").flatMap { Kind(rawValue: $0) }, category: values.id("category_id"),
            description: values.text("description") ?? "", merchant: values.text("merchant"),
            account: values.text("account"))
    }
}
