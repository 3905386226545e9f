import Core

extension Insights {
    /// A category on which clearly more was spent in the last whole month than in the months before it.
    package struct Growth: Sendable, Hashable {
        /// The months it is compared with.
        static let months = 3
        /// Less growth than this is not worth a word.
        static let least_percent = 25.0
        /// Fewer bookings than this in the months before are no habit.
        static let leastBookings = 3

        package let category: ID?
        package let currency: Currency
        package let month: ClosedRange<CivilDay>
        package let spent: Amount
        /// What was spent in each of the months before, the newest first.
        package let before: [Amount]
        package let average: Amount
        package let percent: Double
        package let bookings: [Booking]

        /// The categories that grew, by how much more was spent, in each currency.
        static func find(in bookings: [Booking], on day: CivilDay) -> [Growth] {
            bookings.filter { $0.kind == .expense }
                .grouped { Shelf(category: $0.category, currency: $0.currency) }
                .compactMap { Growth($0.bookings, on: day) }
                .sorted { ($0.currency.code, $1.increase) < ($1.currency.code, $0.increase) }
        }

        private var increase: Amount { spent - average }

        private init?(_ bookings: [Booking], on day: CivilDay) {
            let start = Period.month.days(around: day).lowerBound
            let spans = (1...(Self.months + 1)).map {
                Period.month.days(around: start.adding(months: -$0))
            }
            let months = spans.map { span in bookings.filter { span.contains($0.day) } }
            let sums = months.map { -$0.map(\.amount).sum }
            guard let first = bookings.first, months[1...].map(\.count).reduce(0, +) >= Self.leastBookings
            else { return nil }
            let total = sums[1...].reduce(.zero, +)
            let percent = Self.percent(sums[0], over: total)
            guard total > .zero, percent >= Self.least_percent else { return nil }
            (category, currency, month) = (first.category, first.currency, spans[0])
            (spent, before, self.percent) = (sums[0], Array(sums[1...]), percent)
            average = Amount(tenThousandths: total.tenThousandths / Int128(Self.months))
                .rounded(to: first.currency.decimals)
            self.bookings = months[0].sorted { ($0.amount, $0.id) < ($1.amount, $1.id) }
        }

        /// How much more than the mean of the months in `total`.
        private static func percent(_ spent: Amount, over total: Amount) -> Double {
            guard total > .zero else { return 0 }
            let mean = Double(total.tenThousandths) / Double(months)
            return (Double(spent.tenThousandths) / mean - 1) * 100
        }

        private struct Shelf: Hashable {
            let category: ID?
            let currency: Currency
        }

        var entry: Entry {
            func text(_ amount: Amount) -> String { amount.text(in: currency) }
            return Entry(
                .growth,
                "In \(Period.month.name(of: month.lowerBound)) this category cost \(text(spent)) "
                    + "\(currency.code), \(Int(percent.rounded())) % more than usual.",
                currency: currency, category: category,
                figures: [
                    .of("month", Period.month.name(of: month.lowerBound)), .of("spent", text(spent)),
                    .of("average_before", text(average)), .of("growth_percent", percent),
                    JSON.Member("months_before", .array(before.map { .string(text($0)) })),
                ], evidence: bookings.map(\.id))
        }
    }
}
