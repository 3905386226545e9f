import Core

extension Insights {
    /// What a month will have come to when it ends.
    ///
    /// What moved so far is known. What is still to come is taken from the months before: what moved in each
    /// of them after the same day of the month; the median is the forecast, the smallest and the largest are
    /// its range. With fewer than three months of history the pace of this month goes on.
    package struct MonthEnd: Sendable, Hashable {
        package enum Method: String, Sendable, Hashable, CaseIterable {
            case history, pace
        }

        /// Which sum is told: all that came in, all that went out, or both together.
        package enum Sum: String, Sendable, Hashable, CaseIterable {
            case income, expense, net

            func counts(_ booking: Booking) -> Bool {
                switch self {
                case .income: booking.kind == .income
                case .expense: booking.kind == .expense
                case .net: true
                }
            }
        }

        /// The months looked at, and how few are enough.
        static let most = 12
        static let least = 3
        /// The days a month must have run before its pace says anything.
        static let pace_days = 5

        package let sum: Sum
        package let currency: Currency
        package let method: Method
        package let soFar: Amount
        package let expected: Amount
        package let range: ClosedRange<Amount>
        /// What moved in each month before after the same day, the newest first.
        package let remainders: [Amount]
        package let days: ClosedRange<CivilDay>
        package let bookings: [Booking]

        static func find(in bookings: [Booking], on day: CivilDay) -> [MonthEnd] {
            bookings.grouped(by: \.currency).sorted { $0.key.code < $1.key.code }
                .flatMap { group in
                    Sum.allCases.compactMap { sum in
                        MonthEnd(sum, group.key, group.bookings.filter(sum.counts), on: day)
                    }
                }
        }

        /// Nil when there is nothing to tell from.
        private init?(_ sum: Sum, _ currency: Currency, _ bookings: [Booking], on day: CivilDay) {
            let days = Period.month.days(around: day)
            let current = bookings.filter { days.contains($0.day) }
            let soFar = current.map(\.amount).sum
            let remainders = Self.remainders(of: bookings, after: day)
            if remainders.count >= Self.least {
                method = .history
                guard let rest = remainders.median, let low = remainders.min(), let high = remainders.max()
                else { return nil }
                expected = soFar + rest
                range = (soFar + low)...(soFar + high)
            } else {
                guard day.day >= Self.pace_days, !current.isEmpty else { return nil }
                method = .pace
                let length = Int128(days.upperBound.day)
                let whole = Amount(tenThousandths: soFar.tenThousandths * length / Int128(day.day))
                let rounded = whole.rounded(to: currency.decimals)
                expected = rounded
                // The rest of the month may bring nothing, or twice what its pace says.
                let far = rounded + rounded - soFar
                range = min(soFar, far)...max(soFar, far)
            }
            (self.sum, self.currency, self.soFar, self.remainders) = (sum, currency, soFar, remainders)
            (self.days, self.bookings) = (days, current)
        }

        /// For each whole month that the bookings reach back to: what moved after the same day.
        private static func remainders(of bookings: [Booking], after day: CivilDay) -> [Amount] {
            guard let first = bookings.first?.day else { return [] }
            let start = Period.month.days(around: day).lowerBound
            return (1...most).map { Period.month.days(around: start.adding(months: -$0)) }
                .filter { first <= $0.lowerBound }
                .map { month in
                    bookings.filter { month.contains($0.day) && $0.day.day > day.day }.map(\.amount).sum
                }
        }

        var entry: Entry {
            func text(_ amount: Amount) -> String { amount.text(in: currency) }
            let (low, high) = (text(range.lowerBound), text(range.upperBound))
            return Entry(
                .forecast,
                "By \(days.upperBound.text) the \(sum.rawValue) will be about \(text(expected)) "
                    + "\(currency.code), between \(low) and \(high).",
                currency: currency,
                figures: [
                    .of("sum", sum.rawValue), .of("method", method.rawValue), .of("so_far", text(soFar)),
                    .of("expected", text(expected)), .of("low", low), .of("high", high),
                    .of("month_end", days.upperBound.text),
                    JSON.Member("rest_of_past_months", .array(remainders.map { .string(text($0)) })),
                ], evidence: bookings.reversed().map(\.id))
        }
    }
}

extension Amount {
    /// To so many digits behind the point, halves away from zero.
    func rounded(to decimals: Int) -> Amount {
        var unit: Int128 = 1
        for _ in 0..<max(0, Self.decimals - decimals) { unit *= 10 }
        let half = tenThousandths < 0 ? -unit / 2 : unit / 2
        return Amount(tenThousandths: (tenThousandths + half) / unit * unit)
    }
}
