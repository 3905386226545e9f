/// An exact decimal number of at most four places, such as an amount of money; counted in ten-thousandths.
package struct Decimal4: Sendable, Hashable, Comparable {
    /// The largest number, either side of zero, that a field holds.
    package static let most: Int64 = 100_000_000_000_000

    package let tenThousandths: Int64

    package init(tenThousandths: Int64) { self.tenThousandths = tenThousandths }

    /// The number that `text` writes, such as `-12.34`; nil for anything else, also for one that is too large
    /// or has more than four places.
    package init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let whole = rest.prefix { $0 != UInt8(ascii: ".") }
        var places = Array(rest.dropFirst(whole.count))
        if !places.isEmpty {
            places.removeFirst()
            guard !places.isEmpty else { return nil }
        }
        guard (1...15).contains(whole.count), places.count <= 4,
            whole.count == 1 || whole.first != UInt8(ascii: "0"),
            (Array(whole) + places).allSatisfy({ (48...57).contains($0) })
        else { return nil }
        let padded = Array(whole) + places + [UInt8](repeating: 48, count: 4 - places.count)
        let number = padded.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
        guard number <= Self.most * 10_000 else { return nil }
        tenThousandths = isNegative ? -number : number
    }

    /// The number in digits, with two places at least.
    package var text: String { text(places: 2) }

    /// The number in digits, with so many places at least, and as many as it needs.
    package func text(places least: Int) -> String {
        let digits = String(tenThousandths.magnitude)
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        var places = padded.suffix(4)
        while places.count > least, places.last == "0" { places.removeLast() }
        let whole = padded.dropLast(4)
        return (tenThousandths < 0 ? "-" : "") + whole + (places.isEmpty ? "" : "." + places)
    }

    package static func < (left: Decimal4, right: Decimal4) -> Bool {
        left.tenThousandths < right.tenThousandths
    }
}
