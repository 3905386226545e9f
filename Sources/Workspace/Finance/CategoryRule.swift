import Core

/// Says which category a transaction belongs to, from what it says of itself.
///
/// All conditions that are set must hold. Of the rules that match, the one with the highest priority decides,
/// and among equals the oldest.
package struct CategoryRule: Sendable, Hashable {
    /// Which of a transaction's texts is looked at.
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case description, merchant, account
    }

    /// How the text is compared; capitals and small letters are the same.
    package enum Match: String, Sendable, Hashable, CaseIterable {
        case contains, equals
        case startsWith = "starts_with"
    }

    /// A text and how it is looked for.
    package struct Test: Sendable, Hashable {
        package let subject: Subject
        package let match: Match
        package let text: String

        package init(_ subject: Subject, _ match: Match, _ text: String) {
            self.subject = subject
            self.match = match
            self.text = text
        }
    }

    package let id: ID
    package let category: ID
    package let priority: Int
    package let test: Test?
    /// The smallest and the largest amount, without regard to the sign.
    package let least: Amount?
    package let most: Amount?
    package let currency: String?
    package let kind: Booking.Kind?

    package init(
        id: ID = ID(), category: ID, priority: Int = 0, test: Test? = nil, least: Amount? = nil,
        most: Amount? = nil, currency: String? = nil, kind: Booking.Kind? = nil
    ) {
        self.id = id
        self.category = category
        self.priority = priority
        self.test = test
        self.least = least
        self.most = most
        self.currency = currency
        self.kind = kind
    }

    package func matches(_ booking: Booking) -> Bool {
        let size = booking.amount.magnitude
        return (least.map { size >= $0 } ?? true) && (most.map { size <= $0 } ?? true)
            && (currency.map { $0 == booking.currency.code } ?? true)
            && (kind.map { $0 == booking.kind } ?? true) && (test?.holds(for: booking) ?? true)
    }
}

extension CategoryRule.Test {
    fileprivate func holds(for booking: Booking) -> Bool {
        let found =
            switch subject {
            case .description: booking.description
            case .merchant: booking.merchant ?? ""
            case .account: booking.account ?? ""
            }
        let (text, part) = (found.lowercased(), text.lowercased())
        return switch match {
        case .contains: text.contains(part)
        case .equals: text == part
        case .startsWith: text.hasPrefix(part)
        }
    }
}

extension Sequence<CategoryRule> {
    /// In the order in which they are asked.
    package var ranked: [CategoryRule] {
        sorted { ($1.priority, $0.id) < ($0.priority, $1.id) }
    }
}

extension [CategoryRule] {
    /// The category of the first rule that matches; the rules are ranked.
    package func category(of booking: Booking) -> ID? { first { $0.matches(booking) }?.category }
}
