import Core

extension Insights {
    /// An amount far from what is usual in its category, by the modified z-score of Iglewicz and Hoaglin: the
    /// distance from the median in units of the median distance, which single large amounts do not move.
    package struct Outlier: Sendable, Hashable {
        /// How many bookings make a usual amount.
        static let least = 8
        /// Beyond this score an amount is unusual.
        static let threshold = 3.5
        /// Makes the median distance, and the mean one, comparable to a standard deviation.
        static let medianScale = 1.4826
        static let meanScale = 1.2533

        package let booking: Booking
        package let median: Amount
        package let score: Double
        package let count: Int

        /// The unusual ones, the farthest first.
        static func find(in bookings: [Booking]) -> [Outlier] {
            bookings.grouped { Shelf(category: $0.category, currency: $0.currency, kind: $0.kind) }
                .flatMap { outliers(among: $0.bookings) }
                .sorted { ($1.score, $0.booking.id) < ($0.score, $1.booking.id) }
        }

        private static func outliers(among bookings: [Booking]) -> [Outlier] {
            guard bookings.count >= least, let median = bookings.map(\.amount.magnitude).median else {
                return []
            }
            let distances = bookings.map { ($0.amount.magnitude - median).magnitude }
            guard let unit = unit(of: distances) else { return [] }
            return zip(bookings, distances).compactMap { booking, distance in
                let score = Double(distance.tenThousandths) / unit
                guard score > threshold else { return nil }
                return Outlier(booking: booking, median: median, score: score, count: bookings.count)
            }
        }

        /// What a distance is measured in; nil when all amounts are the same.
        private static func unit(of distances: [Amount]) -> Double? {
            if let middle = distances.median, middle > Amount.zero {
                return Double(middle.tenThousandths) * medianScale
            }
            // More than half are equal: then the mean distance says what the median one cannot.
            let mean = Double(distances.sum.tenThousandths) / Double(distances.count)
            return mean > 0 ? mean * meanScale : nil
        }

        private struct Shelf: Hashable {
            let category: ID?
            let currency: Currency
            let kind: Booking.Kind
        }

        var entry: Entry {
            let (currency, amount) = (booking.currency, booking.amount.text(in: booking.currency))
            let usual = median.text(in: currency)
            let name = booking.merchant ?? booking.description
            return Entry(
                .unusual,
                "\(amount) \(currency.code) on \(booking.day.text)\(name.isEmpty ? "" : " (\(name))") is far "
                    + "from the usual \(usual).",
                currency: currency, category: booking.category,
                figures: [
                    .of("amount", amount), .of("median_amount", usual), .of("score", score),
                    .of("threshold", Self.threshold), .of("occurred_on", booking.day.text),
                    .of("compared_with", count),
                ], evidence: [booking.id])
        }
    }
}
