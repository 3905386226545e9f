import Core

// What comes in and goes out.
extension Seed {
    private static let categories: [(name: String, kind: String)] = [
        ("Sales", "income"), ("Rent", "expense"), ("Plants", "expense"), ("Tools", "expense"),
        ("Fuel", "expense"), ("Software", "expense"), ("Marketing", "expense"),
    ]

    /// What recurs each month: the day, who is paid, how much, and of which category.
    private static let monthly: [(day: Int, merchant: String, cents: Int, category: String)] = [
        (1, "Hafen Immobilien", -185_000, "Rent"), (3, "Cloud and Mail GmbH", -4_900, "Software"),
        (15, "Bookkeeping Online", -2_990, "Software"), (20, "City Gardens", 240_000, "Sales"),
    ]

    private static let shops = [
        ("Holm Nursery", "Plants", 4_000...60_000), ("Tanaka Tools", "Tools", 1_500...25_000),
        ("Petrol North", "Fuel", 3_500...9_500), ("Print and Post", "Marketing", 2_000...30_000),
    ]

    mutating func addMoney() {
        var ids: [String: ID] = [:]
        for category in Self.categories {
            ids[category.name] = add(
                "category", ["name": .string(category.name), "kind": .string(category.kind)],
                at: now - .days(200), by: people[0])
        }
        for (name, amount) in [("Plants", "1500.00"), ("Fuel", "400.00"), ("Marketing", "600.00")] {
            add(
                "budget",
                [
                    "name": .string("\(name) a month"), "category_id": JSON(ids[name]), "currency": "EUR",
                    "amount": .string(amount),
                ], at: now - .days(180), by: people[0])
        }
        add(
            "category_rule",
            [
                "name": "Fuel stations", "category_id": JSON(ids["Fuel"]), "field": "merchant",
                "value": "petrol",
            ], at: now - .days(180), by: people[0])
        for month in 0..<6 { addMonth(month, ids) }
    }

    private mutating func addMonth(_ back: Int, _ ids: [String: ID]) {
        for entry in Self.monthly {
            book(entry.merchant, entry.cents, 30 * back + entry.day, ids[entry.category])
        }
        for _ in 0..<(8 * size.rounds) {
            let (merchant, category, range) = one(of: Self.shops)
            book(merchant, -number(range), 30 * back + number(0...29), ids[category])
        }
        for _ in 0..<(6 * size.rounds) {
            book("Shop till", number(15_000...90_000), 30 * back + number(0...29), ids["Sales"])
        }
        if back == 1 { book("Tanaka Tools", -489_900, 41, ids["Tools"]) }
    }

    private mutating func book(_ merchant: String, _ cents: Int, _ daysAgo: Int, _ category: ID?) {
        let time = now - .days(daysAgo)
        let (whole, rest) = (abs(cents) / 100, abs(cents) % 100)
        add(
            "transaction",
            [
                "amount": .string("\(cents < 0 ? "-" : "")\(whole).\(rest < 10 ? "0" : "")\(rest)"),
                "currency": "EUR", "merchant": .string(merchant), "category_id": JSON(category),
                "occurred_on": .string(String(time.text.prefix(10))), "account": "main",
                "description": .string(cents < 0 ? "Card payment" : "Payment received"),
            ], at: time)
    }
}
