import Core

extension Noun {
    /// What money is spent on or comes from; a category may lie within another.
    package static let category = Noun(
        "category", "categories", table: "finance_categories",
        fields: [
            Field("name", .text(Booking.Limits.category)).required().searched().sorted()
                .about("No two have the same, whatever the case of their letters."),
            Field("kind", .word(Booking.Kind.allCases.map(\.rawValue))).or("expense").filtered(),
            Field("color", .color).optional(),
            Field("parent_id", .row("finance_categories")).optional().filtered(),
        ])
}
