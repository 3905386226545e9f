import Core

extension Noun {
    /// Which category a transaction gets that comes without one.
    package static let categoryRule = Noun(
        "category_rule", "category_rules",
        fields: [
            Field("name", .text(1...100)).required().searched().sorted(),
            Field("category_id", .row("finance_categories")).required().filtered(),
            Field("priority", .whole(0...1_000)).or(100).sorted()
                .about("Of the rules that match, the one with the highest decides; of equals, the oldest."),
            Field("enabled", .flag).or(true).filtered(),
            Field("field", .word(CategoryRule.Subject.allCases.map(\.rawValue))).optional()
                .about("Where the value is looked for."),
            Field("operator", .word(CategoryRule.Match.allCases.map(\.rawValue))).or("contains"),
            Field("value", .text(1...200)).optional().about("The case of letters does not matter."),
            Field("min_amount", .decimal).optional().about("Without regard to the sign."),
            Field("max_amount", .decimal).optional().about("Without regard to the sign."),
            Field("currency", .word(Currency.codes)).optional(),
            Field("kind", .word(Booking.Kind.allCases.map(\.rawValue))).optional(),
        ],
        laws: [
            { values in
                try requireTest(values)
                try requireRange(values)
            }
        ])

    private static func requireTest(_ values: Values) throws(Failure) {
        let (field, value) = (values.text("field"), values.text("value"))
        guard (field == nil) == (value == nil) else {
            let missing = field == nil ? "field" : "value"
            throw Failure(
                .invalid, "\(missing) is missing; field and value say together what is looked for.",
                at: "/\(missing)")
        }
        let conditions = ["field", "min_amount", "max_amount", "currency", "kind"]
        guard conditions.contains(where: { values.text($0) != nil }) else {
            throw Failure(
                .invalid, "The rule has no condition; set one of \(conditions.joined(separator: ", ")).",
                at: "/field")
        }
    }

    private static func requireRange(_ values: Values) throws(Failure) {
        let (least, most) = (Amount(values, "min_amount"), Amount(values, "max_amount"))
        for (name, amount) in [("min_amount", least), ("max_amount", most)] {
            guard amount.map({ $0 >= .zero }) ?? true else {
                throw Failure(.invalid, "\(name) is below zero; signs are not looked at.", at: "/\(name)")
            }
        }
        if let least, let most, least > most {
            throw Failure(.invalid, "max_amount is below min_amount.", at: "/max_amount")
        }
    }
}

extension CategoryRule {
    /// The rule in a row; nil where it is switched off.
    package init?(_ item: Item) {
        guard item.values.flag("enabled"), let category = item.values.id("category_id") else { return nil }
        let subject = item.values.text("field").flatMap { Subject(rawValue: $0) }
        let match = item.values.text("operator").flatMap { Match(rawValue: $0) } ?? .contains
        let value = item.values.text("value")
        self.init(
            id: item.id, category: category, priority: item.values.whole("priority") ?? 0,
            test: subject.flatMap { subject in value.map { Test(subject, match, $0) } },
            least: Amount(item.values, "min_amount"), most: Amount(item.values, "max_amount"),
            currency: item.values.text("currency"),
            kind: item.values.text("kind").flatMap { Booking.Kind(rawValue: $0) })
    }
}
