import Core
import SQL
import Workspace

// What a list of transactions can be narrowed to, beyond the values of its fields.
extension Rows.Query {
    /// From this day on.
    package mutating func booked(from day: CivilDay) {
        conditions.append(Condition("occurred_on >= ?", [.text(day.text)]))
    }

    /// Up to this day, which counts.
    package mutating func booked(to day: CivilDay) {
        conditions.append(Condition("occurred_on <= ?", [.text(day.text)]))
    }

    package mutating func amount(atLeast number: Decimal4) {
        conditions.append(Condition("amount >= ?", [Value(number.tenThousandths)]))
    }

    package mutating func amount(atMost number: Decimal4) {
        conditions.append(Condition("amount <= ?", [Value(number.tenThousandths)]))
    }

    /// Filed under the category of this name, whatever the case of its letters.
    package mutating func filed(under name: String) {
        conditions.append(
            Condition(
                """
                category_id in (select id from finance_categories
                    where workspace_id = $1 and lower(name) = lower(?))
                """, [.text(name)]))
    }

    /// Notifications that were not read yet.
    package mutating func read(_ isRead: Bool) {
        conditions.append(Condition(isRead ? "read_at is not null" : "read_at is null", []))
    }
}
