import Core

/// How much may be spent on a category, or on everything, in a stretch of the calendar.
package struct Budget: Sendable, Hashable {
    /// The stretches a budget may be made for.
    package static let periods: [Period] = [.month, .quarter, .year]
    /// The percentages at which it warns, from the smallest on.
    package enum Thresholds {
        package static let range = 1...1_000
        package static let most = 10
        package static let usual = [80, 100]
    }

    package let id: ID
    /// Nil where it is for everything spent.
    package let category: ID?
    package let currency: Currency
    package let period: Period
    package let amount: Amount
    package let thresholds: [Int]

    package init(
        id: ID = ID(), category: ID? = nil, currency: Currency, period: Period, amount: Amount,
        thresholds: [Int] = Thresholds.usual
    ) {
        self.id = id
        self.category = category
        self.currency = currency
        self.period = period
        self.amount = amount
        self.thresholds = thresholds.sorted()
    }

    /// What is left of it once so much is spent.
    package func left(after spent: Amount) -> Amount { amount - spent }

    /// The share that is spent in percent, to two places, cut off.
    package func percent(of spent: Amount) -> Double {
        guard amount > .zero else { return 0 }
        return Double(spent.tenThousandths * 10_000 / amount.tenThousandths) / 100
    }

    /// The thresholds that so much reaches; exact, without rounding.
    package func reached(by spent: Amount) -> [Int] {
        thresholds.filter { spent.tenThousandths * 100 >= amount.tenThousandths * Int128($0) }
    }
}
