import Core

extension Insights {
    /// A payment that comes again: the same other side, at even distances, of about the same amount.
    package struct Recurrence: Sendable, Hashable {
        /// How often it comes.
        package enum Cadence: String, Sendable, Hashable, CaseIterable {
            case weekly, fortnightly, monthly, quarterly, yearly

            /// The days between two payments, with what weekends and short months add or take.
            var distance_days: ClosedRange<Int> {
                switch self {
                case .weekly: 6...8
                case .fortnightly: 12...16
                case .monthly: 26...35
                case .quarterly: 84...98
                case .yearly: 355...375
                }
            }

            var perYear: Int {
                switch self {
                case .weekly: 52
                case .fortnightly: 26
                case .monthly: 12
                case .quarterly: 4
                case .yearly: 1
                }
            }

            /// When the payment after one on `day` is due.
            func next(after day: CivilDay) -> CivilDay {
                switch self {
                case .weekly: day + 7
                case .fortnightly: day + 14
                case .monthly: day.adding(months: 1)
                case .quarterly: day.adding(months: 3)
                case .yearly: day.adding(months: 12)
                }
            }
        }

        /// How often it must have come before it counts.
        static let least = 3
        /// The share of distances and of amounts that must fit.
        static let fit = 0.75
        /// How far an amount may lie from the median, as a share of it.
        static let spread = 0.25

        package let name: String
        package let cadence: Cadence
        /// The median.
        package let amount: Amount
        package let currency: Currency
        package let category: ID?
        package let next: CivilDay
        /// False once the next payment is overdue by more than its distances vary.
        package let isActive: Bool
        package let bookings: [Booking]

        /// The payments found, the dearest over a year first in each currency.
        static func find(in bookings: [Booking], on day: CivilDay) -> [Recurrence] {
            bookings.grouped(by: Line.init).compactMap { Recurrence($0.bookings, on: day) }
                .sorted { ($0.currency.code, $1.yearly, $0.name) < ($1.currency.code, $0.yearly, $1.name) }
        }

        /// What it comes to in a year, without regard to the sign.
        package var yearly: Amount {
            Amount(tenThousandths: amount.magnitude.tenThousandths * Int128(cadence.perYear))
        }

        /// Nil when the bookings, all of one line and in order, are no such payment.
        private init?(_ bookings: [Booking], on day: CivilDay) {
            guard bookings.count >= Self.least, let last = bookings.last,
                let cadence = Self.cadence(of: bookings.map(\.day)),
                let amount = bookings.map(\.amount).median, Self.isSteady(bookings, around: amount)
            else { return nil }
            name = last.merchant ?? last.description
            self.cadence = cadence
            self.amount = amount
            currency = last.currency
            category = last.category
            next = cadence.next(after: last.day)
            isActive = day - last.day <= cadence.distance_days.upperBound
            self.bookings = bookings
        }

        private static func cadence(of days: [CivilDay]) -> Cadence? {
            let distances = zip(days.dropFirst(), days).map { $0 - $1 }
            return Cadence.allCases.first { cadence in
                share(of: distances) { cadence.distance_days.contains($0) } >= fit
            }
        }

        private static func isSteady(_ bookings: [Booking], around median: Amount) -> Bool {
            let room = Double(median.magnitude.tenThousandths) * spread
            return share(of: bookings) {
                Double(($0.amount - median).magnitude.tenThousandths) <= room
            } >= fit
        }

        private static func share<Value>(of values: [Value], _ fits: (Value) -> Bool) -> Double {
            Double(values.count(where: fits)) / Double(values.count)
        }

        var entry: Entry {
            let sum = amount.text(in: currency)
            return Entry(
                .recurring, "\(name) comes \(cadence.rawValue), about \(sum) \(currency.code) each time.",
                currency: currency, category: category,
                figures: [
                    .of("name", name), .of("cadence", cadence.rawValue), .of("median_amount", sum),
                    .of("yearly_amount", yearly.text(in: currency)), .of("count", bookings.count),
                    .of("last_on", bookings.last?.day.text), .of("next_on", next.text),
                    JSON.Member("is_active", .bool(isActive)),
                ], evidence: bookings.reversed().map(\.id))
        }
    }
}

/// What makes two bookings payments of the same kind: who got or sent them, in which currency.
private struct Line: Hashable {
    let words: String
    let currency: Currency
    let kind: Booking.Kind

    /// Nil when the booking names nobody. Digits and signs are left out: they are dates and receipt numbers.
    init?(_ booking: Booking) {
        let name = booking.merchant ?? booking.description
        words = name.lowercased().split { !$0.isLetter }.joined(separator: " ")
        guard !words.isEmpty else { return nil }
        (currency, kind) = (booking.currency, booking.kind)
    }
}
