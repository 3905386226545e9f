/// An exact amount of money, or an exact sum of amounts, in ten-thousandths of a currency's unit.
///
/// Wide enough that no sum of rows a table can hold leaves its range.
package struct Amount: Sendable, Hashable, Comparable {
    /// The digits kept behind the point.
    package static let decimals = 4
    package static let zero = Amount(tenThousandths: 0)

    package let tenThousandths: Int128

    package init(tenThousandths: some BinaryInteger) { self.tenThousandths = Int128(tenThousandths) }

    package init(_ number: Decimal4) { self.init(tenThousandths: number.tenThousandths) }

    /// The amount that `text` writes, as `Decimal4` reads it; nil for anything else.
    package init?(_ text: String) {
        guard let number = Decimal4(text) else { return nil }
        self.init(number)
    }

    /// The sum of two parts that were summed apart: millions of ten-thousandths, and the ten-thousandths left
    /// over. A database adds bigints, and whole amounts would overflow its sum.
    package init(millions: Int64, rest: Int64) {
        tenThousandths = Int128(millions) * Self.million + Int128(rest)
    }

    /// What the two parts of a sum are cut by.
    package static let million: Int128 = 1_000_000

    /// How many digits behind the point it needs.
    package var precision: Int {
        var (rest, digits) = (tenThousandths, Self.decimals)
        while digits > 0, rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
        return digits
    }

    /// As text, with at least so many digits behind the point, and more where it needs them.
    package func text(decimals: Int) -> String {
        let digits = String(tenThousandths.magnitude)
        let padded = String(repeating: "0", count: max(0, Self.decimals + 1 - digits.count)) + digits
        let kept = min(max(decimals, precision), Self.decimals)
        let (whole, fraction) = (padded.dropLast(Self.decimals), padded.suffix(Self.decimals).prefix(kept))
        return (tenThousandths < 0 ? "-" : "") + whole + (kept > 0 ? "." : "") + fraction
    }

    /// As text the way its currency writes it.
    package func text(in currency: Currency) -> String { text(decimals: currency.decimals) }

    package var magnitude: Amount { tenThousandths < 0 ? -self : self }

    package static func < (left: Amount, right: Amount) -> Bool {
        left.tenThousandths < right.tenThousandths
    }

    package static func + (left: Amount, right: Amount) -> Amount {
        Amount(tenThousandths: left.tenThousandths + right.tenThousandths)
    }

    package static func - (left: Amount, right: Amount) -> Amount {
        Amount(tenThousandths: left.tenThousandths - right.tenThousandths)
    }

    package static prefix func - (amount: Amount) -> Amount { .zero - amount }

    package static func += (left: inout Amount, right: Amount) { left = left + right }
}

extension Sequence<Amount> {
    /// The exact sum.
    package var sum: Amount { reduce(.zero, +) }
}
