import Core

/// A transaction as the rules of finance see it: what moved, when, and what it says of itself.
package struct Booking: Sendable, Hashable {
    /// What a transaction is. Income is above zero, an expense below; a transfer between own accounts may be
    /// either and counts as neither.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case income, expense, transfer

        /// What a transaction is that says nothing of itself.
        package init(of amount: Amount) { self = amount < .zero ? .expense : .income }
    }

    /// The lengths, in Unicode scalars, that a transaction's texts may have.
    package enum Limits {
        package static let description = 0...500
        package static let merchant = 1...200
        package static let account = 1...100
        package static let category = 1...100
        package static let notes = 0...10_000
        package static let tag = 1...50
        package static let tags = 20
        package static let externalID = 1...200
    }

    package let id: ID
    package let day: CivilDay
    package let amount: Amount
    package let currency: Currency
    package let kind: Kind
    package let category: ID?
    package let description: String
    package let merchant: String?
    package let account: String?

    package init(
        id: ID = ID(), day: CivilDay, amount: Amount, currency: Currency, kind: Kind? = nil,
        category: ID? = nil, description: String = "", merchant: String? = nil, account: String? = nil
    ) {
        self.id = id
        self.day = day
        self.amount = amount
        self.currency = currency
        self.kind = kind ?? Kind(of: amount)
        self.category = category
        self.description = description
        self.merchant = merchant
        self.account = account
    }

    /// Throws `invalid`, naming the field, when amount, currency and kind do not fit each other.
    package static func check(
        _ amount: Amount, in currency: Currency, as kind: Kind
    ) throws(Failure) {
        try amount.check(in: currency, at: "/amount")
        guard amount != .zero else {
            throw Failure(.invalid, "amount is zero; a transaction moves something.", at: "/amount")
        }
        let fits =
            switch kind {
            case .income: amount > .zero
            case .expense: amount < .zero
            case .transfer: true
            }
        guard !fits else { return }
        let side = kind == .income ? "above" : "below"
        throw Failure(
            .invalid,
            "amount is \(amount.text(in: currency)); the amount of an \(kind.rawValue) is \(side) zero.",
            at: "/amount")
    }
}
